package helm

import (
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
)

type kindSet struct {
	class                                                                                     map[cloud.Class]*detect.Kind
	persistence, exposed, scaled, image, secret, source, dependencyGone, privileged, recovery *detect.Kind
	security, unreadable                                                                      *detect.Kind
	all                                                                                       []*detect.Kind
}

var kinds = sync.OnceValue(func() *kindSet {
	k := &kindSet{}
	add := func(id, path string, risk int, title, why string, controls []string, firesBefore, fires, quietBefore, quiet string) *detect.Kind {
		kind := &detect.Kind{ID: "helm/" + id, Risk: risk, Title: title, Why: why, Controls: controls, ExamplePath: path,
			FiresBefore: firesBefore, Fires: fires, QuietBefore: quietBefore, Quiet: quiet}
		k.all = append(k.all, kind)
		return kind
	}
	const values, meta = "chart/values.yaml", "chart/Chart.yaml"
	loss := []string{detect.ASI02, detect.ASI08, detect.MaestroL4, detect.Manage23}
	reach := []string{detect.NHI06, detect.MaestroL4, detect.Measure27}
	k.persistence = add("persistence-disabled", values, 60, "switches off what keeps data", "The next upgrade removes the claim or starts beside it: the workload comes up empty, and the volume may be deleted.", loss,
		"persistence:\n  enabled: true\n", "persistence:\n  enabled: false\n", "persistence:\n  enabled: false\n", "persistence:\n  enabled: true\n")
	k.recovery = add("recovery-weakened", values, 55, "weakens backups or protection against deletion", "What is lost afterwards cannot be brought back, or is lost by the next mistake.", loss,
		"backupRetention: 30\n", "backupRetention: 1\n", "backupRetention: 1\n", "backupRetention: 30\n")
	k.exposed = add("exposed", values, 35, "opens a service to the outside", "Everyone who reaches the cluster's addresses then reaches the service.", reach,
		"service:\n  type: ClusterIP\n", "service:\n  type: LoadBalancer\n", "service:\n  type: LoadBalancer\n", "service:\n  type: ClusterIP\n")
	k.privileged = add("privileged", values, 50, "runs a workload with the node's rights", "Code in such a workload can take over the node and everything else that runs on it.", []string{detect.ASI05, detect.NHI05, detect.MaestroL4},
		"securityContext:\n  privileged: false\n", "securityContext:\n  privileged: true\n", "securityContext:\n  privileged: true\n", "securityContext:\n  privileged: false\n")
	k.security = add("security-weakened", values, 28, "switches off a security setting", "Encryption, authentication, logs or a limit that the chart offers is off from the next upgrade on.", []string{detect.NHI04, detect.MaestroL6, detect.Measure27},
		"tls:\n  enabled: true\n", "tls:\n  enabled: false\n", "tls:\n  enabled: false\n", "tls:\n  enabled: true\n")
	k.scaled = add("scaled-to-zero", values, 45, "scales a workload to zero", "Nothing is left that serves; whoever depends on it is without it from the next upgrade on.", []string{detect.ASI02, detect.ASI08, detect.MaestroL4},
		"replicaCount: 3\n", "replicaCount: 0\n", "replicaCount: 3\n", "replicaCount: 2\n")
	k.image = add("image-unpinned", values, 25, "runs an image that can change under its name", "What runs tomorrow need not be what was tested: a push to the tag becomes production.", []string{detect.ASI04, detect.NHI03, detect.Govern61},
		"image:\n  tag: 1.4.2\n", "image:\n  tag: latest\n", "image:\n  tag: 1.4.2\n", "image:\n  tag: 1.4.3\n")
	k.secret = add("plain-secret", values, 35, "writes a secret into the values", "The value stays in the history of the repository for everyone who can read it; it has to be replaced, removing it is not enough.", []string{detect.NHI02, detect.NHI07, detect.MaestroL6},
		"", "auth:\n  password: hunter2\n", "", "auth:\n  existingSecret: db\n")
	k.source = add("dependency-source-changed", meta, 35, "takes a chart from another repository", "Whoever owns the new repository decides what is installed, with the rights of the installer.", []string{detect.ASI04, detect.Govern61},
		"dependencies:\n  - name: redis\n    repository: https://charts.example.com\n", "dependencies:\n  - name: redis\n    repository: https://charts.example.org\n", "dependencies:\n  - name: redis\n    version: 1\n    repository: https://charts.example.com\n", "dependencies:\n  - name: redis\n    version: 2\n    repository: https://charts.example.com\n")
	k.dependencyGone = add("stateful-dependency-removed", meta, 60, "removes a part of a chart that keeps data", "The next upgrade deletes the workload, and its volumes where they are not kept.", loss,
		"dependencies:\n  - name: postgresql\n", "name: shop\n", "dependencies:\n  - name: common\n", "name: shop\n")
	k.unreadable = add("unreadable", values, 25, "could not be read", "Nothing can be said of what these values do: they do not parse, or are larger or deeper than is read.", []string{detect.MaestroL4, detect.Measure27},
		"", "image: [\n", "", "image: {}\n")
	k.class = map[cloud.Class]*detect.Kind{
		cloud.RecoveryWeakened: k.recovery, cloud.DeletionUnguarded: k.recovery, cloud.Privileged: k.privileged,
		cloud.Exposed: k.exposed, cloud.IsolationWeakened: k.exposed, cloud.WorldOpenAdmin: k.exposed, cloud.WorldOpenPort: k.exposed,
		cloud.EncryptionWeakened: k.security, cloud.TLSWeakened: k.security, cloud.LoggingWeakened: k.security, cloud.AuthWeakened: k.security, cloud.HardeningRemoved: k.security,
	}
	return k
})
