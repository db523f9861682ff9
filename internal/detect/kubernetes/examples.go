package kubernetes

// example is what shows a kind at work; empty texts are files that do not
// exist on that side.
type example struct{ path, firesBefore, fires, quietBefore, quiet string }

// podText writes a pod with one container.
func podText(image, spec, inContainer string) string {
	s := "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n"
	if spec != "" {
		s += "  " + spec + "\n"
	}
	s += "  containers:\n    - name: app\n      image: " + image + "\n"
	if inContainer != "" {
		s += "      " + inContainer + "\n"
	}
	return s
}

func container1(fires, quiet string) example {
	return example{fires: podText("app:1", "", fires), quiet: podText("app:1", "", quiet)}
}

func pod1(fires, quiet string) example {
	return example{fires: podText("app:1", fires, ""), quiet: podText("app:1", quiet, "")}
}

// before shows a container's setting that goes; the other way round is quiet.
func before(good, bad string) example {
	g, b := podText("app:1", "", good), podText("app:1", "", bad)
	return example{firesBefore: g, fires: b, quietBefore: b, quiet: g}
}

func before2(good, bad string) example {
	g, b := podText("app:1", good, ""), podText("app:1", bad, "")
	return example{firesBefore: g, fires: b, quietBefore: b, quiet: g}
}

func binding(role string) string {
	return "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: ci}\nroleRef: {kind: ClusterRole, name: " + role + "}\nsubjects: [{kind: ServiceAccount, name: ci, namespace: ci}]\n"
}

func role(groups, resources, verbs string) string {
	return "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: ci}\nrules:\n  - apiGroups: " + groups + "\n    resources: " + resources + "\n    verbs: " + verbs + "\n"
}

func namespace(level string) string {
	return "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {pod-security.kubernetes.io/enforce: " + level + "}\n"
}

func deployment(replicas string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {replicas: " + replicas + "}\n"
}
