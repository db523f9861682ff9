package kubernetes

import (
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
)

// kindSet is everything that this detector reports.
type kindSet struct {
	privileged, hostNamespace, hostPath, capability, escalation, root, unconfined, sysctl, hardening, token *detect.Kind
	image, plainSecret, controlPlane                                                                        *detect.Kind
	admin, wildcard, escalate, powers                                                                       *detect.Kind
	service, ingress, ingressTLS, netpol, admission, guardDeleted                                           *detect.Kind
	stateful, reclaim, scaled, prune, patchDelete, unreadable                                               *detect.Kind

	all []*detect.Kind
}

var kinds = sync.OnceValue(func() *kindSet {
	k := &kindSet{}
	add := func(id string, risk int, title, why string, controls []string, e example) *detect.Kind {
		kind := &detect.Kind{ID: "kubernetes/" + id, Risk: risk, Title: title, Why: why, Controls: controls, ExamplePath: e.path,
			FiresBefore: e.firesBefore, Fires: e.fires, QuietBefore: e.quietBefore, Quiet: e.quiet}
		if kind.ExamplePath == "" {
			kind.ExamplePath = "deploy/app.yaml"
		}
		k.all = append(k.all, kind)
		return kind
	}
	host := []string{detect.ASI05, detect.NHI05, detect.MaestroL4}
	rights := []string{detect.ASI03, detect.NHI05, detect.MaestroL4}
	reach := []string{detect.NHI06, detect.MaestroL4, detect.Measure27}
	loss := []string{detect.ASI02, detect.ASI08, detect.MaestroL4, detect.Manage23}

	k.privileged = add("privileged", 60, "runs a privileged container", "The container has the node's own rights: whoever gets into it has the machine and every other pod on it.", host, container1("securityContext: {privileged: true}", "securityContext: {privileged: false}"))
	k.hostNamespace = add("host-namespace", 50, "shares a namespace of the node", "The pod sees and reaches the node's processes or network past every policy of the cluster.", host, pod1("hostPID: true", "hostPID: false"))
	k.hostPath = add("host-path", 50, "mounts a path of the node", "What is on the node can be read or changed from the pod; with the container runtime's socket or the root of the disk that is the whole node.", host, pod1("volumes: [{name: run, hostPath: {path: /var/run/docker.sock}}]", "volumes: [{name: run, emptyDir: {}}]"))
	k.capability = add("capability", 45, "gives a container more kernel capabilities", "Each capability is a part of root's rights; some of them are as good as all.", host, container1("securityContext: {capabilities: {add: [SYS_ADMIN]}}", "securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}"))
	k.escalation = add("privilege-escalation", 40, "lets a process gain rights", "A program with setuid in the image can then become root although the container does not start as root.", host, container1("securityContext: {allowPrivilegeEscalation: true}", "securityContext: {allowPrivilegeEscalation: false}"))
	k.root = add("runs-as-root", 30, "runs as root", "A flaw in the program is then a flaw with root's rights in the container, and nearer to the node.", host, container1("securityContext: {runAsUser: 0}", "securityContext: {runAsUser: 1000}"))
	k.unconfined = add("unconfined", 35, "drops the confinement of system calls", "Without seccomp or AppArmor every flaw of the kernel is in reach of the container.", host, container1("securityContext: {seccompProfile: {type: Unconfined}}", "securityContext: {seccompProfile: {type: RuntimeDefault}}"))
	k.sysctl = add("unsafe-sysctl", 40, "sets an unsafe kernel parameter", "The parameter is not kept apart between pods: it can disturb or open others on the same node.", host, pod1("securityContext: {sysctls: [{name: kernel.msgmax, value: \"65536\"}]}", "securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: \"1\"}]}"))
	k.hardening = add("hardening-removed", 22, "removes a hardening of a container", "A limit that made attacks harder is gone; nothing breaks, so nobody notices.", host, before("securityContext: {readOnlyRootFilesystem: true}", "securityContext: {}"))
	k.token = add("token-mounted", 25, "mounts the service account's token again", "Whoever gets into the pod can then talk to the cluster's API in its name.", rights, before2("automountServiceAccountToken: false", "automountServiceAccountToken: true"))
	k.image = add("image-unpinned", 25, "runs an image that can change under its name", "What runs tomorrow need not be what was tested: a push to the tag, by anyone who can, becomes production.", []string{detect.ASI04, detect.NHI03, detect.Govern61}, example{fires: podText("app:latest", "", ""), quiet: podText("app:1.4.2", "", "")})
	k.plainSecret = add("plain-secret", 40, "writes a secret into a manifest", "The value stays in the history of the repository for everyone who can read it, base64 or not; it has to be replaced, removing it is not enough.", []string{detect.NHI02, detect.NHI07, detect.MaestroL6},
		example{fires: "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n", quiet: "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: \"${DB_PASSWORD}\"}\n"})
	k.controlPlane = add("control-plane-weakened", 40, "switches off a check of the cluster", "The API server, a kubelet or a dashboard then takes requests that it should refuse.", []string{detect.NHI04, detect.MaestroL4}, container1("args: [--anonymous-auth=true]", "args: [--anonymous-auth=false]"))
	k.admin = add("grants-admin", 65, "grants rights over the whole cluster", "Whoever holds the identity, or steals its token, can then read, change and delete everything in the cluster.", rights, example{fires: binding("cluster-admin"), quiet: binding("view")})
	k.wildcard = add("grants-wildcard", 45, "grants rights by wildcard", "The grant covers what nobody listed, and what will only be installed later.", rights, example{fires: role("[\"\"]", "[pods]", "[\"*\"]"), quiet: role("[\"\"]", "[pods]", "[get, list]")})
	k.escalate = add("grants-escalation", 60, "grants a way to more rights", "With this right its holder can take or make an identity that may do anything.", rights, example{fires: role("[rbac.authorization.k8s.io]", "[clusterroles]", "[escalate]"), quiet: role("[rbac.authorization.k8s.io]", "[clusterroles]", "[get]")})
	k.powers = add("grants-sensitive", 40, "grants sensitive rights", "Reading secrets or running commands in pods gives the rights of everything that runs there.", rights, example{fires: role("[\"\"]", "[secrets]", "[list]"), quiet: role("[\"\"]", "[configmaps]", "[list]")})
	k.service = add("service-exposed", 35, "opens a service to the outside", "Everyone who reaches the cluster's addresses then reaches the service, past the ingress and what it checks.", reach,
		example{fires: "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {type: LoadBalancer}\n", quiet: "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {type: ClusterIP}\n"})
	k.ingress = add("ingress-added", 22, "publishes a service", "A name in front of the cluster leads to the service from now on.", reach,
		example{fires: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {rules: [{host: shop.example.com}]}\n", quietBefore: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {rules: [{host: shop.example.com}]}\n", quiet: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {rules: [{host: shop.example.org}]}\n"})
	k.ingressTLS = add("ingress-without-tls", 28, "takes TLS from an ingress", "Traffic to it can then be read or changed on its way, credentials included.", reach,
		example{firesBefore: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {tls: [{hosts: [a]}]}\n", fires: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {}\n", quietBefore: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {}\n", quiet: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {tls: [{hosts: [a]}]}\n"})
	k.netpol = add("network-policy-weakened", 35, "lets more traffic through a network policy", "Pods that could not reach it before now can: one that is taken over is a way to the next.", reach,
		example{fires: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db}\nspec: {ingress: [{}]}\n", quiet: "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db}\nspec: {ingress: [{from: [{podSelector: {}}]}]}\n"})
	k.admission = add("admission-weakened", 40, "weakens a check on what may run", "What the check would have refused is admitted from now on.", []string{detect.ASI10, detect.MaestroL6, detect.Manage41},
		example{firesBefore: namespace("restricted"), fires: namespace("privileged"), quietBefore: namespace("baseline"), quiet: namespace("restricted")})
	k.guardDeleted = add("guard-deleted", 35, "deletes a policy or limit", "What the object kept out, or kept running, no longer is.", []string{detect.ASI10, detect.MaestroL6, detect.Manage41},
		example{firesBefore: "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: db}\n", quietBefore: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\n"})
	k.stateful = add("stateful-deleted", 70, "deletes an object that keeps data", "The volumes behind it, or all that a namespace or custom resource holds, go with it; only a backup elsewhere brings them back.", loss,
		example{firesBefore: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: db}\n", quietBefore: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: db}\n", quiet: "# moved down\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: db\n"})
	k.reclaim = add("volume-not-kept", 55, "lets volumes be deleted with their claims", "The next claim that goes, by a mistake or a rename, takes the data along at once.", loss,
		example{firesBefore: "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: db}\nspec: {persistentVolumeReclaimPolicy: Retain}\n", fires: "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: db}\nspec: {persistentVolumeReclaimPolicy: Delete}\n", quiet: "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: db}\nspec: {persistentVolumeReclaimPolicy: Retain}\n"})
	k.scaled = add("scaled-to-zero", 45, "scales a workload to zero", "Nothing is left that serves; whoever depends on it is without it as soon as it is applied.", []string{detect.ASI02, detect.ASI08, detect.MaestroL4}, example{firesBefore: deployment("3"), fires: deployment("0"), quietBefore: deployment("3"), quiet: deployment("2")})
	k.prune = add("prune-enabled", 40, "lets deletions in the repository delete in the cluster", "From then on a file that disappears, or a wrong path, deletes live objects without anyone being asked.", loss,
		example{fires: "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec: {syncPolicy: {automated: {prune: true}}}\n", quiet: "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec: {syncPolicy: {automated: {prune: false}}}\n"})
	k.patchDelete = add("patch-deletes", 40, "deletes an object by a patch", "The overlay leaves out what the base declares: it is deleted where this overlay is applied.", loss,
		example{path: "overlays/prod/kustomization.yaml", fires: "patches:\n  - patch: |\n      $patch: delete\n      kind: Deployment\n", quiet: "patches:\n  - patch: |\n      kind: Deployment\n"})
	k.unreadable = add("unreadable", 25, "could not be read", "Nothing can be said of what this manifest declares: it does not parse, or is larger or deeper than is read.", []string{detect.MaestroL4, detect.Measure27},
		example{fires: "apiVersion: v1\nkind: [\n", quiet: "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}-a}\n"})
	return k
})
