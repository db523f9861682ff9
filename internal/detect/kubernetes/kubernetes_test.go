package kubernetes

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestCases(t *testing.T) { detecttest.Pairs(t, New(), "../../../testdata/detect/kubernetes") }

func TestChanges(t *testing.T) {
	detecttest.Changes(t, New(), "../../../testdata/detect/kubernetes/moves")
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), []string{"app.yaml", "kustomization.yaml", "x.json"}, before, after)
	})
}

func BenchmarkDetect(b *testing.B) {
	var text strings.Builder
	for _, k := range New().Kinds() {
		if len(k.Fires) > 0 && text.Len() < 4_000 {
			text.WriteString(k.Fires + "---\n")
		}
	}
	f := detecttest.File("app.yaml", "", text.String())
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		detecttest.Observe(New(), f)
	}
}

// manifest is one as people write them, harmless, of about 2.4 kB.
func manifest(i int) string {
	return strings.ReplaceAll(`# The shop's part N
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-N
  namespace: shop
  labels:
    app.kubernetes.io/name: shop-N
    app.kubernetes.io/part-of: "shop"
  annotations: {}
spec:
  replicas: 3
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      app.kubernetes.io/name: shop-N
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: shop-N
    spec:
      serviceAccountName: shop-N
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        fsGroup: 10001
        seccompProfile:
          type: RuntimeDefault
      containers:
      - name: shop
        image: registry.example.com/shop/part-N:1.4.2
        imagePullPolicy: IfNotPresent
        args: ["--listen=:8080", "--log-level", 'info']
        ports:
        - name: http
          containerPort: 8080
          protocol: TCP
        env:
        - name: DATABASE_HOST
          value: db.shop.svc.cluster.local
        - name: DATABASE_PASSWORD
          valueFrom:
            secretKeyRef:
              name: shop-db
              key: password
        resources:
          requests: {cpu: 100m, memory: 128Mi}
          limits: {memory: 256Mi}
        readinessProbe:
          httpGet:
            path: /healthz
            port: http
          initialDelaySeconds: 5
        livenessProbe:
          httpGet:
            path: /livez
            port: http
          periodSeconds: 20
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop: ["ALL"]
        volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: config
          mountPath: /etc/shop
      volumes:
      - name: tmp
        emptyDir: {}
      - name: config
        configMap:
          name: shop-N
---
apiVersion: v1
kind: Service
metadata:
  name: shop-N
  namespace: shop
spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: shop-N
  ports:
  - name: http
    port: 80
    targetPort: http
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-N
  namespace: shop
data:
  LOG_LEVEL: info
  shop.yaml: |
    listen: :8080
    database:
      pool: 20
      timeout: 5s
`, "N", fmt.Sprint(i))
}

// BenchmarkManifests is the largest change that is read whole: 3,000 files.
func BenchmarkManifests(b *testing.B) {
	files := make([]change.File, 3_000)
	size := 0
	for i := range files {
		text := manifest(i)
		size += len(text)
		files[i] = detecttest.File(fmt.Sprintf("k8s/%d.yaml", i), "", text)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		if got := detecttest.Observe(New(), files...); len(got) > 0 {
			b.Fatal(got[0])
		}
	}
}
