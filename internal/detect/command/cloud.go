package command

import (
	"github.com/gatehold/gatehold/internal/detect/shell"
	"strings"
)

// kubectl looks at what is deleted from a cluster.
func kubectl(c *command) []finding {
	plain, _ := c.args()
	if len(plain) == 0 {
		return nil
	}
	verb := plain[0]
	rest := strings.ToLower(strings.Join(plain[1:], " "))
	if verb == "-n" || verb == "--namespace" {
		return nil
	}
	switch verb {
	case "delete":
		return kubectlDelete(c, rest)
	case "scale":
		if c.flag("--replicas=0") || c.has("--replicas=0", "--replicas 0") {
			return found(kindScaleZero, rest, "kubectl scale --replicas=0")
		}
	case "drain":
		return found(kindScaleZero, rest, "kubectl drain")
	case "replace":
		if c.flag("--force") {
			return found(kindClusterDelete, rest, "kubectl replace --force")
		}
	}
	if len(plain) > 1 && c.has(" delete ") {
		for i, p := range plain {
			if p == "delete" {
				return kubectlDelete(c, strings.ToLower(strings.Join(plain[i+1:], " ")))
			}
		}
	}
	return nil
}

// stateful are resources that take data with them.
var stateful = map[string]bool{"ns": true, "namespace": true, "namespaces": true, "pvc": true, "pv": true, "persistentvolumeclaim": true,
	"persistentvolumeclaims": true, "persistentvolume": true, "persistentvolumes": true, "crd": true, "crds": true,
	"customresourcedefinition":  true,
	"customresourcedefinitions": true, "sts": true, "statefulset": true, "statefulsets": true, "node": true, "nodes": true,
	"pvcs": true, "cluster": true,
	"backup": true, "backups": true, "volumesnapshot": true, "storageclass": true, "postgresql": true, "mysql": true,
	"elasticsearch": true, "kafka": true, "all": true}

var passing = map[string]bool{"pod": true, "pods": true, "po": true, "job": true, "jobs": true, "event": true, "events": true,
	"rs": true, "replicaset": true}

func kubectlDelete(c *command, rest string) []finding {
	if c.has("--dry-run") {
		return nil
	}
	for part := range strings.FieldsFuncSeq(rest, func(r rune) bool { return r == ' ' || r == '/' || r == ',' }) {
		if throwaway(part) {
			return found(kindMinor, rest, "kubectl delete")
		}
	}
	first, _, _ := strings.Cut(strings.ReplaceAll(rest, "/", " "), " ")
	for t := range strings.SplitSeq(first, ",") {
		switch {
		case stateful[t]:
			return found(kindClusterData, rest, "kubectl delete")
		case c.flag("--all", "-A", "--all-namespaces"):
			if !passing[t] {
				return found(kindClusterData, rest, "kubectl delete --all")
			}
		case passing[t]:
			return found(kindMinor, rest, "kubectl delete")
		}
	}
	return found(kindClusterDelete, rest, "kubectl delete")
}

func helm(c *command) []finding {
	switch v := c.verbs(1); v {
	case "uninstall", "delete", "del", "un":
		if c.has("test", "--dry-run") {
			return found(kindMinor, c.verbs(3), "helm "+v)
		}
		return found(kindClusterDelete, c.verbs(3), "helm "+v)
	}
	return nil
}

// infra are tools that build infrastructure from code.
func infra(c *command) []finding {
	name := c.name
	all := " " + strings.ToLower(shell.Join(c.words[1:])) + " "
	is := func(part string) bool { return strings.Contains(all, part) }
	switch {
	case is(" destroy ") && !is(" -help") || is(" -destroy ") && is(" apply ") || is("destroy-all") || is("run-all destroy"):
		return found(kindDestroy, name, "destroy")
	case is(" state rm "), is(" state push -force"), is(" workspace delete"), is(" stack rm "):
		return found(kindStateRemoved, name, strings.TrimSpace(all))
	case (is(" apply ") || name == "pulumi" && is(" up ")) &&
		(is("-auto-approve") || is(" --yes ") || is(" -y ") || is("--terragrunt-non-interactive")):
		return found(kindUnattended, name, "apply without a look at the plan")
	case is(" taint ") || is("-replace=") || is(" force-unlock"):
		return found(kindStateRemoved, name, strings.TrimSpace(all))
	case name == "sls" || name == "serverless":
		if is(" remove ") {
			return found(kindDestroy, name, "remove")
		}
	case name == "eksctl" || name == "kops" || name == "rancher":
		if is(" delete ") {
			return found(kindDestroy, name, "delete")
		}
	}
	return nil
}

// awsData are services whose deleted things held data.
var awsData = []string{"rds", "dynamodb", "s3", "s3api", "efs", "fsx", "redshift", "docdb", "neptune", "elasticache", "backup",
	"kms", "glacier", "opensearch", "es", "kinesis", "timestream", "qldb", "ecr", "cloudformation", "organizations", "memorydb"}

func aws(c *command) []finding {
	plain, _ := c.args()
	if len(plain) < 2 {
		return nil
	}
	service, verb := plain[0], plain[1]
	object := strings.Join(plain[min(2, len(plain)):], " ")
	detail := "aws " + service + " " + verb
	data := false
	for _, s := range awsData {
		data = data || s == service
	}
	switch {
	case c.has("--dryrun", "--dry-run", "--no-execute"):
		return nil
	case service == "s3" && verb == "rb", service == "s3" && verb == "rm" && c.flag("--recursive"):
		if throwaway(object) || c.has("/pr-", "preview") {
			return found(kindMinor, object, detail)
		}
		return found(kindCloudData, object, detail)
	case service == "s3" && (verb == "sync" || verb == "mv") && c.flag("--delete"):
		return found(kindSyncDelete, object, detail+" --delete")
	case service == "s3" && verb == "rm":
		return nil
	case verb == "schedule-key-deletion" || verb == "put-bucket-versioning" && c.has("suspended"):
		return found(kindCloudData, object, detail)
	case strings.HasPrefix(verb, "delete-") || strings.HasPrefix(verb, "terminate-") || strings.HasPrefix(verb, "purge-") ||
		verb == "batch-delete-image":
		minor := verb == "delete-message" || strings.Contains(verb, "delete-tags") ||
			strings.Contains(verb, "delete-item") && !c.flag("--all")
		volume := strings.Contains(verb, "volume") || strings.Contains(verb, "snapshot") || strings.Contains(verb, "secret")
		switch {
		case minor:
			return nil
		case data || volume:
			return found(kindCloudData, object, detail)
		}
		return found(kindCloudDelete, object, detail)
	case service == "iam" && strings.HasPrefix(verb, "attach-") && c.has("administratoraccess"):
		return found(kindAdmin, object, detail)
	}
	return nil
}

// otherClouds are clients whose verb for it is delete or destroy.
func otherClouds(c *command) []finding {
	name := c.name
	plain, _ := c.args()
	for i, p := range plain {
		switch p {
		case "delete", "destroy", "purge", "delete-batch", "apps:destroy", "rb", "sites:delete", "database:delete", "delete-database":
		case "rm":
			if name != "gsutil" && name != "gcloud" && name != "bq" && name != "mc" && name != "rclone" && name != "vercel" &&
				name != "b2" {
				continue
			}
			if name != "bq" && !c.flag("-r", "-R", "--recursive", "-rf") && name != "vercel" {
				continue
			}
		default:
			continue
		}
		what := strings.Join(plain[:i+1], " ")
		object := strings.Join(plain[min(i+1, len(plain)):], " ")
		if throwaway(object) {
			return found(kindMinor, object, name+" "+what)
		}
		for _, d := range [...]string{"sql", "storage", "group", "projects", "database", "db", "disk", "snapshot", "bucket",
			"gsutil", "bq", "keyvault", "kms", "volumes", "spanner", "bigtable", "firestore", "cosmosdb", "postgres", "mysql",
			"redis", "backup", "apps", "d1", "kv", "r2", "clusters"} {
			if strings.Contains(name+" "+what, d) {
				return found(kindCloudData, object, name+" "+what)
			}
		}
		return found(kindCloudDelete, object, name+" "+what)
	}
	return nil
}

// containers looks at the volumes that go.
func containers(c *command) []finding {
	all := " " + strings.ToLower(shell.Join(c.words)) + " "
	is := func(part string) bool { return strings.Contains(all, part) }
	switch {
	case is(" system prune ") && is("--volumes"), is(" volume prune "), is(" volume rm "):
		return found(kindVolumes, strings.TrimSpace(all), "")
	case is(" down ") && (is(" -v ") || is("--volumes")):
		return found(kindVolumesDown, strings.TrimSpace(all), "")
	}
	if is(" run ") && is("--privileged") || is("/var/run/docker.sock") && is(" run ") || is(" -v /:/") {
		return found(kindHostContainer, strings.TrimSpace(all), "")
	}
	return nil
}
