package kubernetes

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// removal is the kind for an object that is taken away, nil where that is
// ordinary, or where the object told its controller to leave what it stands for.
func removal(o *object) *detect.Kind {
	if outlives(o) {
		return nil
	}
	return removalOf(o)
}

// removalOf is removal for a patch that deletes: what it says of itself beside
// that is not the object's word.
func removalOf(o *object) *detect.Kind {
	switch o.kind {
	case "Application", "ApplicationSet", "Kustomization", "HelmRelease":
		if cascades(o) {
			return kinds.appRemoved
		}
		return nil
	case "Namespace", "PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "CustomResourceDefinition", "VolumeSnapshot",
		"VolumeSnapshotContent", "EtcdCluster":
		return kinds.stateful
	case "NetworkPolicy", "PodDisruptionBudget", "ResourceQuota", "LimitRange", "ValidatingWebhookConfiguration",
		"MutatingWebhookConfiguration", "ValidatingAdmissionPolicy",
		"ValidatingAdmissionPolicyBinding", "ClusterPolicy", "PodSecurityPolicy", "PeerAuthentication", "AuthorizationPolicy",
		"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy",
		"GlobalNetworkPolicy", "Constraint", "ConstraintTemplate", "RequestAuthentication", "AdminNetworkPolicy",
		"BaselineAdminNetworkPolicy", "ClusterAdmissionPolicy", "AdmissionPolicy", "ClusterImagePolicy", "ImageValidatingPolicy",
		"ValidatingPolicy":
		return kinds.guardDeleted
	case "Schedule", "BackupStorageLocation", "ScheduledBackup", "BackupSchedule", "BackupConfiguration":
		return kinds.stateful
	case "CronJob":
		if backupName(o.name) {
			return kinds.stateful
		}
	}
	if o.group == "constraints.gatekeeper.sh" || o.group == "kyverno.io" && (o.kind == "Policy" || o.kind == "CleanupPolicy") {
		return kinds.guardDeleted
	}
	if o.group != "" && o.group != "apps" && o.group != "batch" &&
		(statefulKind(o.kind) || databaseGroup(o.group) && !setting(strings.ToLower(o.kind)) || keepsData(o)) {
		return kinds.stateful
	}
	return nil
}

// statefulKind knows custom resources that are databases by another name.
func statefulKind(kind string) bool {
	k := strings.ToLower(kind)
	if setting(k) {
		return false
	}
	for _, w := range []string{"bucket", "database", "postgres", "mysql", "mariadb", "mongodb", "redis", "kafka",
		"elasticsearch", "opensearch", "cassandra", "rabbitmq", "dbinstance", "dbcluster", "etcd", "vault", "dynamodb",
		"cephcluster", "volume", "keyspace", "zookeeper", "minio", "filesystem", "cosmosdb", "sqlinstance", "rdsinstance"} {
		if strings.Contains(k, w) {
			return true
		}
	}
	return false
}

// setting says that a kind, in lower case, is a setting of what keeps data, or a
// way to it, and keeps none itself.
func setting(kind string) bool {
	for _, w := range []string{"user", "policy", "binding", "attachment", "exporter", "connect", "bridge", "mirrormaker", "rebalance",
		"pooler", "parametergroup", "subnetgroup", "optiongroup", "securitygroup", "role", "grant", "imagecatalog"} {
		if strings.Contains(kind, w) {
			return true
		}
	}
	return false
}

func databaseGroup(group string) bool {
	for _, w := range []string{"postgresql", "cnpg", "mysql", "mongodb", "k8ssandra", "percona", "rds.", "sql.cnrm", "strimzi",
		"clickhouse", "documentdb.", "elasticache.", "docdb.", "memorydb.", "redshift.", "dbforpostgresql", "dbformysql",
		"zalan.do", "scylla", "cockroach", "psmdb", "pxc.", "mariadb", "minio.min.io", "pulsar", "ceph.rook.io"} {
		if strings.Contains(group, w) {
			return true
		}
	}
	return false
}
