{{/* What the servers share. Each has a Service of its name; with one of your own in its place the name leads there. */}}

{{/* The Service of a server: dict "root" "name" "ports". */}}
{{- define "microshop.serverService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  labels:
    {{- include "microshop.labels" . | nindent 4 }}
spec:
  {{- $host := (index .root.Values.external .name).host }}
  {{- if $host }}
  type: ExternalName
  externalName: {{ $host | quote }}
  {{- else }}
  clusterIP: None
  selector:
    {{- include "microshop.selector" .name | nindent 4 }}
  {{- end }}
  ports:
    {{- range $name, $port := .ports }}
    - { name: {{ $name }}, port: {{ $port }} }
    {{- end }}
{{- end }}

{{/*
Nothing where PostgreSQL has a connection for all that pods may open; the argument is the root. While a service is updated, there are its
pods, a new one, and those that leave: one each time that a new one has proved itself, for as long as it may take.
*/}}
{{- define "microshop.enoughConnections" -}}
{{- $topology := include "microshop.topology" . | fromYaml }}
{{- $leaving := $topology.leaving }}
{{- $connections := $topology.postgres.connections }}
{{- $leave := add1 (div (add .Values.dnsCacheSeconds $leaving.hears $leaving.ends) $leaving.proves) }}
{{- $pods := 0 }}
{{- range $topology.services }}
{{- $values := index $.Values.services .name }}
{{- $count := $values.replicas }}
{{- if $values.autoscaling.enabled }}
{{- $count = max $count $values.autoscaling.maxReplicas }}
{{- end }}
{{- $pods = add $pods $count 1 (min $count $leave) }}
{{- end }}
{{- $needed := add (mul $pods $connections.ofPod) $connections.others }}
{{- if gt $needed (int64 $connections.most) }}
{{- fail (printf "replicas: so many pods may open %d connections during an update, and the chart's PostgreSQL takes %d: use fewer, or external.postgres.host" $needed (int64 $connections.most)) }}
{{- end }}
{{- end }}

{{/*
Environment of a program that asks servers: dict "root" "environment". A server that is asked with TLS is called by its own name,
and its certificate is held to that and to who signs it: by every library here, once these variables say so.
*/}}
{{- define "microshop.serverEnvironment" -}}
{{- $external := .root.Values.external }}
{{- $ways := (include "microshop.topology" .root | fromYaml).tls }}
{{- $environment := dict }}
{{- range $variable, $given := .environment }}
{{- $value := toString $given }}
{{- range $ways }}
{{- $server := index $external .server }}
{{- if $server.tls }}
{{- $value = regexReplaceAll .pattern $value (printf "%s://${1}%s:%d${2}" .scheme $server.host (int .port)) }}
{{- end }}
{{- end }}
{{- $_ := set $environment $variable $value }}
{{- end }}
{{- include "microshop.environment" $environment }}
{{- if $external.postgres.tls }}
- name: PGSSLMODE
  value: verify-full
{{- end }}
{{- if $external.ca.secret }}
- name: NODE_EXTRA_CA_CERTS
  value: /run/mesh-servers/ca.crt
{{- end }}
{{- end }}

{{/* Where such a program finds who signs for them; the argument is the root. */}}
{{- define "microshop.serverTrustMount" -}}
{{- if .Values.external.ca.secret }}
- { name: servers, mountPath: /run/mesh-servers, readOnly: true }
{{- end }}
{{- end }}

{{/* The volume of that. */}}
{{- define "microshop.serverTrustVolume" -}}
{{- with .Values.external.ca.secret }}
- name: servers
  secret: { secretName: {{ . | quote }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- end }}

{{/*
The account of a server, and its StatefulSet down to its containers: dict "root" "name" "user" "volume" "token", and "files", those of the
chart that it reads at its start. Of several pods also "replicas", "nodes", the Service by which they find each other, and "grace", the seconds each has to end.
*/}}
{{- define "microshop.serverSet" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  labels:
    {{- include "microshop.labels" . | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .name }}
  labels:
    {{- include "microshop.labels" . | nindent 4 }}
spec:
  serviceName: {{ .nodes | default .name }}
  replicas: {{ .replicas | default 1 }}
  {{- if .nodes }}
  # each waits for the others
  podManagementPolicy: Parallel
  {{- end }}
  selector:
    matchLabels:
      {{- include "microshop.selector" .name | nindent 6 }}
  {{- with .volume }}
  {{- if .enabled }}
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: {{ ternary "Retain" "Delete" $.root.Values.keepData }}
    whenScaled: Retain
  volumeClaimTemplates:
    - metadata:
        name: data
        labels:
          {{- include "microshop.selector" $.name | nindent 10 }}
      spec:
        accessModes: [ReadWriteOnce]
        {{- if .storageClass }}
        storageClassName: {{ .storageClass | quote }}
        {{- end }}
        resources: { requests: { storage: {{ .size }} } }
  {{- end }}
  {{- end }}
  template:
    metadata:
      labels:
        {{- include "microshop.podLabels" . | nindent 8 }}
      {{- with .files }}
      annotations: { checksum/config: {{ include "microshop.checksum" (dict "root" $.root "files" .) }} }
      {{- end }}
    spec:
      serviceAccountName: {{ .name }}
      automountServiceAccountToken: {{ .token | default false }}
      {{- include "microshop.podSecurity" .user | nindent 6 }}
      {{- include "microshop.chosen" .root | nindent 6 }}
      {{- if .nodes }}
      {{- include "microshop.spread" .name | nindent 6 }}
      {{- end }}
      terminationGracePeriodSeconds: {{ .grace | default 30 }}
{{- end }}

{{/* The volume of what a server keeps, where it is none of its own: the `volume` of its values. */}}
{{- define "microshop.dataVolume" -}}
{{- if not .enabled }}
- name: data
  emptyDir: {}
{{- end }}
{{- end }}

{{/* A ConfigMap of files of the chart: dict "root" "name" "files", a list of paths below files/. */}}
{{- define "microshop.filesConfig" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}
  labels:
    {{- include "microshop.labels" . | nindent 4 }}
data:
  {{- range .files }}
  {{ base . }}: |
    {{- $.root.Files.Get (printf "files/%s" .) | nindent 4 }}
  {{- end }}
{{- end }}
