{{/* Names are fixed: configuration names the parts by their Services. So there is one installation in a namespace. */}}

{{- define "microshop.topology" -}}
{{ .Files.Get "files/topology.yaml" }}
{{- end }}

{{/* Labels that select the pods of a part; the argument is its name. */}}
{{- define "microshop.selector" -}}
app.kubernetes.io/name: {{ . }}
app.kubernetes.io/part-of: microshop
{{- end }}

{{/* A version as the value of a label, which has no plus sign. */}}
{{- define "microshop.versionLabel" -}}
{{ . | replace "+" "_" | quote }}
{{- end }}

{{/* Labels of an object: dict "root" "name". */}}
{{- define "microshop.labels" -}}
{{ include "microshop.selector" .name }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/version: {{ include "microshop.versionLabel" .root.Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ include "microshop.versionLabel" (printf "%s-%s" .root.Chart.Name .root.Chart.Version) }}
{{- end }}

{{/* Labels of a pod: dict "root" "name". No version: a new chart alone restarts nothing. */}}
{{- define "microshop.podLabels" -}}
{{ include "microshop.selector" .name }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end }}

{{/* What changes with files of the chart, and with nothing else: dict "root" "files", a list of paths below files/. */}}
{{- define "microshop.checksum" -}}
{{- $texts := list }}
{{- range .files }}
{{- $texts = append $texts ($.root.Files.Get (printf "files/%s" .)) }}
{{- end }}
{{- $texts | toJson | sha256sum }}
{{- end }}

{{/* An image of ours: dict "root" "name". */}}
{{- define "microshop.image" -}}
{{- $digest := dig .name "" (.root.Values.image.digests | default dict) }}
{{- .root.Values.image.prefix }}{{ .name }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}{{ with $digest }}@{{ . }}{{ end }}
{{- end }}

{{/* Environment from a map. */}}
{{- define "microshop.environment" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* The pod's own name, for the variables behind it. */}}
{{- define "microshop.podName" -}}
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{- end }}

{{/* Name of the Secret of passwords. */}}
{{- define "microshop.passwords" -}}
{{ .Values.passwords.existingSecret | default "passwords" }}
{{- end }}

{{/* Keys of it as files of a volume: dict "root" "keys". */}}
{{- define "microshop.passwordVolume" -}}
secret:
  secretName: {{ include "microshop.passwords" .root | quote }}
  defaultMode: 0440
  items:
    {{- range .keys }}
    - { key: {{ . }}, path: {{ . }} }
    {{- end }}
{{- end }}

{{/* Whether a Prometheus that an operator runs watches the shop: empty where not. */}}
{{- define "microshop.monitored" -}}
{{- $known := and .Values.external.prometheus.host (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1") }}
{{- with .Values.monitoring.operator }}
{{- if or (eq . "always") (and (eq . "auto") $known) }}yes{{ end }}
{{- end }}
{{- end }}
