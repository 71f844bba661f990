{{- /*
What all roles share. Only what Go's text/template itself brings is used here, nothing of Helm's own functions, so that the tests render the
chart with the very engine that Helm has, and no other. Each part takes the root and knows where it stands.
*/ -}}

{{- define "dchat.labels" }}
    app.kubernetes.io/name: dchat
    app.kubernetes.io/instance: {{ .Release.Name }}
    app.kubernetes.io/version: {{ printf "%q" .Chart.AppVersion }}
    app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "dchat.pod" }}
      serviceAccountName: {{ .Release.Name }}-dchat
      automountServiceAccountToken: false
      enableServiceLinks: false
      # What is under way is finished in five seconds at most.
      terminationGracePeriodSeconds: 30
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
{{- if .Values.image.pullSecrets }}
      imagePullSecrets:
{{- range .Values.image.pullSecrets }}
        - name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "dchat.port" }}
            - { name: health, containerPort: 9464 }
{{- end }}

{{- define "dchat.container" }}
          image: {{ printf "%q" (printf "%s:%s" .Values.image.repository .Values.image.tag) }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          # A role that waits for a chain serves nothing yet.
          startupProbe:
            httpGet: { path: /healthz, port: health }
            periodSeconds: 5
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /healthz, port: health }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: health }
            periodSeconds: 10
            timeoutSeconds: 10
          resources:
            requests:
{{- range $name, $amount := .Values.resources.requests }}
              {{ $name }}: {{ printf "%q" $amount }}
{{- end }}
            limits:
{{- range $name, $amount := .Values.resources.limits }}
              {{ $name }}: {{ printf "%q" $amount }}
{{- end }}
{{- end }}

{{- define "dchat.env" }}
          env:
            - name: REDIS_URL
              valueFrom:
                secretKeyRef: { name: {{ .Values.redis.existingSecret }}, key: url }
{{- end }}

{{- define "dchat.env.chains" }}
{{- range .Values.chains }}
{{- if .rpcSecret }}
            - name: DCHAT_RPC_URL_{{ .name }}
              valueFrom:
                secretKeyRef: { name: {{ .rpcSecret }}, key: urls }
{{- end }}
{{- end }}
{{- end }}

{{- define "dchat.env.database" }}
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: { name: {{ .Values.database.existingSecret }}, key: url }
{{- end }}

{{- define "dchat.mounts" }}
          volumeMounts:
            - { name: network, mountPath: /etc/dchat/network.json, subPath: network.json, readOnly: true }
            - { name: data, mountPath: /var/lib/dchat }
            - { name: tmp, mountPath: /tmp }
{{- end }}

{{- define "dchat.volumes" }}
      volumes:
        - name: network
          configMap: { name: {{ .Values.network.existingConfigMap }} }
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
{{- end }}

{{- define "dchat.claim" }}
        accessModes: [ReadWriteOnce]
{{- if .Values.storage.className }}
        storageClassName: {{ .Values.storage.className }}
{{- end }}
{{- end }}
