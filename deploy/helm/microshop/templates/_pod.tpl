{{/* What pods share. Pod Security "restricted" holds for all of them. */}}

{{/* Security of a pod; the argument is the id of its user and group. */}}
{{- define "microshop.podSecurity" -}}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ . }}
  runAsGroup: {{ . }}
  fsGroup: {{ . }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* Security of a container. */}}
{{- define "microshop.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Where an image comes from: dict "root" "image". */}}
{{- define "microshop.pull" -}}
image: {{ .image }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{- end }}

{{/* Replicas of a part on as many nodes and zones as there are; the argument is its name. */}}
{{- define "microshop.spread" -}}
topologySpreadConstraints:
  {{- $name := . }}
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "microshop.selector" $name | nindent 8 }}
  {{- end }}
{{- end }}

{{/* What is chosen for every pod: who may pull its images, and on which nodes it runs. */}}
{{- define "microshop.chosen" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pods.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- range $field := list "nodeSelector" "tolerations" "affinity" }}
{{- with index $.Values.pods $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The agent of a pod: dict "root" "identity" "breakers". It starts before Envoy, which starts before the app: of native sidecars
only the startup probe of one holds back the next. docs/reference/agent.md says what it does.
*/}}
{{- define "microshop.agent" -}}
{{- $topology := include "microshop.topology" .root | fromYaml }}
{{- $ports := $topology.ports }}
- name: agent
  {{- include "microshop.pull" (dict "root" .root "image" (include "microshop.image" (dict "root" .root "name" "lab"))) | nindent 2 }}
  restartPolicy: Always
  command: {{ $topology.programs.agent | toJson }}
  env:
    {{- include "microshop.podName" . | nindent 4 }}
    - name: POD_IP
      valueFrom: { fieldRef: { fieldPath: status.podIP } }
    - { name: MESH_MODE, value: kubernetes }
    - { name: MESH_IDENTITY, value: {{ .identity }} }
    - { name: MESH_URL_CONTROL, value: "http://control:{{ $ports.control }}" }
    - { name: MESH_URL_ENVOY, value: "http://127.0.0.1:{{ $ports.ownAdmin }}" }
    - { name: MESH_AGENT_DIR, value: /mesh/agent }
    - { name: MESH_AGENT_PORT, value: {{ $ports.agent | quote }} }
    - { name: MESH_AGENT_TOKEN_FILE, value: /run/mesh-token/token }
    - { name: LOG_LEVEL, value: {{ .root.Values.control.logLevel }} }
    {{- if .breakers }}
    - { name: MESH_BREAKERS_DIR, value: /run/mesh-breakers }
    {{- end }}
    {{- if and (eq .identity "gateway") .root.Values.gateway.corsOrigins }}
    - { name: MESH_CORS_ORIGINS, value: {{ join "," .root.Values.gateway.corsOrigins | quote }} }
    {{- end }}
    {{- if .root.Values.certificates.certManager.enabled }}
    - { name: MESH_ISSUED_DIR, value: /run/mesh-issued }
    {{- end }}
  ports: [{ name: agent, containerPort: {{ $ports.agent }} }]
  startupProbe: { httpGet: { path: /started, port: agent }, periodSeconds: 1, failureThreshold: 300 }
  readinessProbe: { httpGet: { path: /ready, port: agent }, periodSeconds: 2, timeoutSeconds: 2 }
  livenessProbe: { httpGet: { path: /live, port: agent }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
  resources:
    {{- toYaml .root.Values.resources.agent | nindent 4 }}
  securityContext:
    {{- include "microshop.security" . | nindent 4 }}
  volumeMounts:
    - { name: mesh, mountPath: /mesh/agent }
    - { name: token, mountPath: /run/mesh-token, readOnly: true }
    - { name: tmp, mountPath: /tmp, subPath: agent }
    {{- if .breakers }}
    - { name: breakers, mountPath: /run/mesh-breakers }
    {{- end }}
    {{- if .root.Values.certificates.certManager.enabled }}
    - { name: issued, mountPath: /run/mesh-issued, readOnly: true }
    {{- end }}
{{- end }}

{{/* The Envoy of a pod, without its probes: dict "root" "identity" "part" "ports". */}}
{{- define "microshop.envoy" -}}
{{- $envoy := (include "microshop.topology" .root | fromYaml).envoy }}
- name: envoy
  {{- include "microshop.pull" (dict "root" .root "image" .root.Values.images.envoy) | nindent 2 }}
  command: [envoy]
  args:
    {{- toYaml $envoy.arguments | nindent 4 }}
  # the paths of what it watches begin here
  workingDir: /etc/envoy
  env:
    {{- include "microshop.podName" . | nindent 4 }}
    {{- include "microshop.environment" $envoy.environment | nindent 4 }}
  resources:
    {{- toYaml .root.Values.resources.envoy | nindent 4 }}
  securityContext:
    {{- include "microshop.security" . | nindent 4 }}
  volumeMounts:
    - { name: bootstrap, mountPath: /etc/envoy-bootstrap, readOnly: true }
    - { name: tmp, mountPath: /tmp, subPath: envoy }
    - { name: mesh, mountPath: /etc/envoy/xds, subPath: xds, readOnly: true }
    - { name: mesh, mountPath: /etc/envoy/certificates, subPath: certificates, readOnly: true }
{{- end }}

{{/* Volumes of the agent and of Envoy: dict "root" "identity" "part" "breakers". */}}
{{- define "microshop.envoyVolumes" -}}
- name: tmp
  emptyDir: { medium: Memory, sizeLimit: 32Mi }
- name: bootstrap
  configMap: { name: envoy-{{ .identity }} }
{{- if .breakers }}
- name: breakers
  emptyDir: { medium: Memory, sizeLimit: 1Mi }
{{- end }}
{{- if .root.Values.certificates.certManager.enabled }}
- name: issued
  secret: { secretName: mesh-{{ .identity }}, defaultMode: 0440 }
{{- end }}
# what the agent writes
- name: mesh
  emptyDir: { medium: Memory, sizeLimit: 8Mi }
# whose pod it is, for the control service and nobody else
- name: token
  projected:
    sources:
      - serviceAccountToken: { path: token, audience: {{ (include "microshop.topology" .root | fromYaml).tokenAudience }}, expirationSeconds: 3600 }
{{- end }}

{{/* The ConfigMap of an Envoy: dict "root" "identity" "part". */}}
{{- define "microshop.envoyConfig" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: envoy-{{ .identity }}
  labels:
    {{- include "microshop.labels" (dict "root" .root "name" .identity) | nindent 4 }}
data:
  mesh.yaml: |
    {{- .root.Files.Get (printf "files/envoy/%s/mesh.yaml" .part) | nindent 4 }}
{{- end }}

{{/* Autoscaling, the budget of evictions and the account of a Deployment: dict "root" "name" "values" "container" "resources". */}}
{{- define "microshop.around" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  labels:
    {{- include "microshop.labels" . | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  labels:
    {{- include "microshop.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  # one that is not ready serves nobody: it may go
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "microshop.selector" .name | nindent 6 }}
{{- with .values.autoscaling }}
{{- if .enabled }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
{{- fail (printf "autoscaling of %s: minReplicas (%d) is more than maxReplicas (%d)" $.name (int .minReplicas) (int .maxReplicas)) }}
{{- end }}
{{- $given := index $.root.Values.resources $.resources | default dict }}
{{- if not (or (dig "requests" "cpu" "" $given) (dig "limits" "cpu" "" $given)) }}
{{- fail (printf "autoscaling of %s: needs resources.%s.requests.cpu, of which cpuPercent is a part" $.name $.resources) }}
{{- end }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $.name }}
  labels:
    {{- include "microshop.labels" $ | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ $.name }} }
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    # of the container that does the work: a sidecar beside it would blur the figure
    - type: ContainerResource
      containerResource:
        name: cpu
        container: {{ $.container }}
        target: { type: Utilization, averageUtilization: {{ .cpuPercent }} }
    {{- if .requestsPerSecond }}
    - type: Pods
      pods:
        metric: { name: {{ (include "microshop.topology" $.root | fromYaml).requestsMetric }} }
        target: { type: AverageValue, averageValue: {{ .requestsPerSecond | int64 | quote }} }
    {{- end }}
  behavior:
    scaleDown: { stabilizationWindowSeconds: 120 }
{{- end }}
{{- end }}
{{- end }}
