package kubernetes

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// reporter is where comparisons report to.
type reporter = *detect.Report

// scaled reports replicas that fall to zero, except where the path or the
// namespace says that nobody relies on it.
func scaled(before, after *object, r reporter) {
	for _, field := range []string{"replicas", "maxReplicas", "instances"} {
		from, okB := before.body.Get("spec", field).Number()
		n := after.body.Get("spec", field)
		to, okA := n.Number()
		if okB && okA && from > 0 && to == 0 && !trial(after) {
			r.Add(detect.Observation{Kind: kinds.scaled, Line: n.At(), Object: after.label(),
				Detail: field + " " + before.body.Get("spec", field).Str() + " to 0"})
		}
	}
	if from, to := before.body.Get("spec", "suspend"), after.body.Get("spec", "suspend"); before.kind == "CronJob" &&
		backupName(before.name) && !from.True() && to.True() {
		r.Add(detect.Observation{Kind: kinds.stateful, Line: to.At(), Object: after.label(), Detail: "the backup job is suspended"})
	}
	for kind, field := range map[string]string{"Schedule": "paused", "ScheduledBackup": "suspend"} {
		if n := after.body.Get("spec", field); after.kind == kind && n.True() && !before.body.Get("spec", field).True() {
			r.Add(detect.Observation{Kind: kinds.recovery, Line: n.At(), Object: after.label(), Detail: "no more backups are made"})
		}
	}
}

func backupName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "backup") || strings.Contains(name, "snapshot") || strings.Contains(name, "velero")
}

// trial says that an object is for trying things out.
func trial(o *object) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(o.path+"/"+o.namespace),
		func(r rune) bool { return r == '/' || r == '-' || r == '_' || r == '.' }) {
		switch w {
		case "dev", "development", "test", "testing", "staging", "stage", "preview", "sandbox", "demo", "local", "ci",
			"example", "examples", "e2e":
			return true
		}
	}
	return false
}

// imagesLoosened reports an image that had a tag or digest and has less now.
func imagesLoosened(before, after *object, r reporter) {
	old := map[string]string{}
	for _, pod := range podSpecs(before.body) {
		for _, c := range containersOf(pod) {
			old[c.name] = c.Get("image").Str()
		}
	}
	for _, pod := range podSpecs(after.body) {
		for _, c := range containersOf(pod) {
			from, to := old[c.name], c.Get("image").Str()
			if from == "" || from == to || filledIn(from) || filledIn(to) || strings.HasSuffix(to, ":latest") {
				continue
			}
			if pinning(to) < pinning(from) && pinning(to) == 0 ||
				pinning(from) == 2 && pinning(to) == 1 && repository(from) == repository(to) {
				r.Add(detect.Observation{Kind: kinds.image, Line: c.Get("image").At(), Object: after.label(), Detail: from + " to " + to})
			}
		}
	}
}

// pinning is 2 for a digest, 1 for a tag, 0 for none or "latest".
func pinning(image string) int {
	if strings.Contains(image, "@sha256:") {
		return 2
	}
	i := strings.LastIndexByte(image, ':')
	if i < 0 || strings.Contains(image[i:], "/") || image[i:] == ":latest" {
		return 0
	}
	return 1
}

func repository(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i >= 0 && !strings.Contains(image[i:], "/") {
		image = image[:i]
	}
	return image
}

// podSecurityLowered compares the level that a namespace asks of its pods.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/
func podSecurityLowered(before, after *object, r reporter) {
	if after.kind != "Namespace" {
		return
	}
	const label = "pod-security.kubernetes.io/enforce"
	rank := map[string]int{"": 0, "privileged": 0, "baseline": 1, "restricted": 2}
	from, n := before.body.Get("metadata", "labels", label).Str(), after.body.Get("metadata", "labels", label)
	if rank[n.Str()] < rank[from] {
		r.Add(detect.Observation{Kind: kinds.admission, Line: max(n.At(), after.body.At()), Object: after.label(),
			Detail: "pod security " + from + " to " + n.Str()})
	}
}

// passing says that an object is, by its place or its namespace, of what is made
// for a while and thrown away: a preview of a pull request, a test's cluster.
func passing(o *object) bool {
	if production(o) {
		return false
	}
	where := o.path + "/" + o.namespace
	if o.kind == "Namespace" {
		where += "/" + o.name
	}
	for _, segment := range strings.Split(strings.ToLower(where), "/") {
		segment, _, _ = strings.Cut(segment, ".")
		first, rest, more := strings.Cut(segment, "-")
		switch {
		case segment == "kind" || segment == "minikube" || segment == "k3d" || segment == "e2e" || segment == "preview" ||
			segment == "previews" || segment == "ephemeral":
			return true
		case more && (first == "preview" || first == "kind" || first == "minikube" || first == "k3d" || first == "e2e"),
			more && first == "pr" && rest != "" && strings.Trim(rest, "0123456789") == "":
			return true
		}
	}
	return false
}
