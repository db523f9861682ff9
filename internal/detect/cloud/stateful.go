package cloud

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// Stateful says whether resources of this type keep what cannot be made again
// from code: data, keys, names that others rely on. Types that end in a word
// for a setting of such a thing (a bucket's policy) are not.
func Stateful(typ string) bool {
	t := normalType(typ)
	if known, ok := statefulTypes[t]; ok {
		return known
	}
	if hostedTypes[t] {
		return true
	}
	words := strings.Split(t, "_")
	for _, w := range words {
		if settingWords[w] {
			return false
		}
	}
	for i, w := range words {
		if stateWords[w] {
			return true
		}
		if i > 0 && statePairs[words[i-1]+"_"+w] {
			return true
		}
	}
	return false
}

// normalType makes "AWS::RDS::DBInstance" read as "aws_rds_db_instance".
func normalType(typ string) string {
	if !strings.Contains(typ, "::") {
		return strings.ToLower(typ)
	}
	parts := strings.Split(typ, "::")
	for i, p := range parts {
		parts[i] = Snake(strings.NewReplacer("DynamoDB", "Dynamodb", "DocDB", "Docdb", "FSx", "Fsx", "MemoryDB", "Memorydb",
			"SimpleDB", "Simpledb", "OpenSearch", "Opensearch", "ElastiCache", "Elasticache").Replace(p))
	}
	return strings.Join(parts, "_")
}

// statefulTypes decides the types that words would get wrong.
var statefulTypes = map[string]bool{
	"aws_instance": false, "aws_db_proxy": false, "aws_ssm_parameter": false, "aws_route53_zone": true, "aws_route_53_hosted_zone": true,
	"aws_cognito_user_pool": true, "aws_efs_file_system": true, "aws_eks_cluster": true, "aws_msk_cluster": true, "aws_mq_broker": true,
	"aws_kinesis_stream": true, "aws_cloudwatch_log_group": true, "aws_logs_log_group": true, "aws_secretsmanager_secret": true,
	"aws_secrets_manager_secret": true, "aws_directory_service_directory": true, "aws_workspaces_workspace": true, "aws_ami": true,
	"aws_elasticsearch_domain": true, "aws_opensearch_domain": true, "aws_opensearch_service_domain": true,
	"aws_opensearchserverless_collection": true,
	"aws_fsx_file_system":                 true, "aws_quantum_ledger": true, "aws_qldb_ledger": true, "aws_amazon_mq_broker": true,
	"aws_amazonmq_broker":             true,
	"aws_cloudtrail_event_data_store": true, "aws_s3_bucket_object": false, "aws_s3_object": false,
	"aws_serverless_simple_table": true,
	"aws_glue_catalog_table":      false, "aws_kinesis_firehose_delivery_stream": false,
	"aws_storagegateway_gateway": true, "aws_finspace_kx_database": true, "aws_dax_cluster": false, "aws_emr_cluster": false,
	"aws_elasticache_serverless_cache": true, "aws_neptunegraph_graph": true, "aws_organizations_account": true, "aws_ecs_cluster": false,
	"azurerm_key_vault": true, "azurerm_key_vault_key": true, "azurerm_key_vault_secret": true, "azurerm_key_vault_certificate": true,
	"azurerm_storage_account": true, "azurerm_storage_container": true, "azurerm_storage_blob": false, "azurerm_resource_group": true,
	"azurerm_kubernetes_cluster": true, "azurerm_log_analytics_workspace": true, "azurerm_search_service": true,
	"azurerm_app_configuration":  true,
	"azurerm_eventhub_namespace": true, "azurerm_servicebus_namespace": true, "azurerm_eventhub": true, "azurerm_container_registry": true,
	"azurerm_cosmosdb_account": true, "azurerm_kusto_cluster": true, "azurerm_synapse_workspace": true, "azurerm_dns_zone": true,
	"azurerm_private_dns_zone": true, "azurerm_netapp_pool": true, "azurerm_cognitive_account": false, "azurerm_managed_disk": true,
	"azurerm_machine_learning_workspace": true, "azurerm_iothub": true, "azurerm_databricks_workspace": true, "azurerm_data_factory": true,
	"google_container_cluster": true, "google_project": true, "google_folder": true, "google_dns_managed_zone": true,
	"google_kms_key_ring":   true,
	"google_kms_crypto_key": true, "google_kms_crypto_key_version": true, "google_compute_image": true,
	"google_secret_manager_secret": true,
	"google_pubsub_topic":          true, "google_pubsub_subscription": true, "google_healthcare_dataset": true,
	"google_bigtable_instance": true,
	"google_spanner_instance":  true, "google_redis_instance": true, "google_redis_cluster": true,
	"google_filestore_instance": true, "google_alloydb_cluster": true,
	"google_alloydb_instance": true, "google_bigquery_dataset": true, "google_sourcerepo_repository": true,
	"google_logging_project_bucket_config": true,
	"google_identity_platform_config":      true, "google_iap_client": true, "google_firestore_database": true,
	"google_app_engine_application": true,
	"kubernetes_namespace":          true, "kubernetes_namespace_v1": true, "kubernetes_persistent_volume": true,
	"kubernetes_persistent_volume_v1":    true,
	"kubernetes_persistent_volume_claim": true, "kubernetes_persistent_volume_claim_v1": true, "kubernetes_stateful_set": true,
	"kubernetes_stateful_set_v1": true,
	"kubernetes_storage_class":   false, "helm_release": true,
	"cloudflare_zone": true, "cloudflare_workers_kv_namespace": true, "cloudflare_d1_database": true, "cloudflare_account": true,
	"digitalocean_kubernetes_cluster": true, "digitalocean_domain": true, "linode_lke_cluster": true, "vault_mount": true,
	"vault_transit_secret_backend_key": true,
	"mongodbatlas_cluster":             true, "mongodbatlas_advanced_cluster": true, "mongodbatlas_project": true,
	"confluent_kafka_cluster": true, "confluent_environment": true,
	"ec_deployment": true, "random_password": true, "random_id": false, "random_string": false, "tls_private_key": true,
	"github_organization": true, "gitlab_project": true, "gitlab_group": true, "auth0_connection": true, "okta_group": false,
	"datadog_logs_archive": true, "datadog_logs_index": true, "snowflake_schema": true, "databricks_catalog": true,
	"databricks_schema":         true,
	"yandex_kubernetes_cluster": true, "aws_route_table": false, "aws_table": false, "aws_lightsail_instance": true,
}

var stateWords = map[string]bool{
	"database": true, "databases": true, "db": true, "rds": true, "dynamodb": true, "docdb": true, "documentdb": true,
	"neptune": true, "redshift": true,
	"bucket": true, "volume": true, "disk": true, "snapshot": true, "vault": true, "backup": true, "mysql": true,
	"postgres": true, "postgresql": true,
	"mariadb": true, "mssql": true, "sql": true, "mongodb": true, "mongo": true, "cassandra": true, "keyspace": true,
	"keyspaces": true, "redis": true, "elasticache": true,
	"memorydb": true, "timestream": true, "cosmosdb": true, "spanner": true, "bigtable": true, "bigquery": true,
	"firestore": true, "alloydb": true,
	"filesystem": true, "fsx": true, "efs": true, "ebs": true, "glacier": true, "repository": true, "registry": true,
	"warehouse": true, "kusto": true, "clickhouse": true,
	"kms": true, "queue": true, "topic": true, "share": true, "nas": true, "datastore": true, "opensearch": true,
	"elasticsearch": true, "kafka": true,
	"polardb": true, "mdb": true, "qldb": true, "simpledb": true, "blockstorage": true, "sqs": true, "autonomous": true,
	"secretsmanager": true, "pg": true, "valkey": true, "datalake": true, "lakehouse": true,
}

var statePairs = map[string]bool{
	"file_system": true, "object_store": true, "object_storage": true, "block_storage": true, "key_vault": true, "sql_server": true,
	"data_lake": true, "storage_pool": true, "storage_bucket": true, "user_pool": true, "hosted_zone": true, "crypto_key": true,
	"external_key": true, "search_service": true, "log_group": true, "netapp_volume": true, "spaces_bucket": true, "secret_manager": true,
}

// settingWords mark a type as a setting of, or a way to, something else.
var settingWords = map[string]bool{
	"policy": true, "attachment": true, "rule": true, "rules": true, "parameter": true, "subnet": true, "option": true,
	"user": true, "role": true,
	"permission": true, "permissions": true, "association": true, "acl": true, "logging": true, "notification": true,
	"iam": true, "access": true,
	"public": true, "versioning": true, "cors": true, "metric": true, "alarm": true, "route": true, "proxy": true,
	"endpoint": true, "grant": true,
	"alias": true, "configuration": true, "config": true, "settings": true, "setting": true, "firewall": true, "event": true,
	"lifecycle": true,
	"security":  true, "member": true, "binding": true, "website": true, "inventory": true, "analytics": true, "ownership": true,
	"replication": true,
	"webhook":     true, "trigger": true, "scaling": true, "administrator": true, "auditing": true, "encryption": true,
	"group": true, "link": true,
	"vulnerability": true, "assessment": true, "flow": true, "schedule": true, "monitor": true, "diagnostic": true,
	"collaborator": true, "collaborators": true,
	"environment": true, "milestone": true, "label": true, "branch": true, "ruleset": true, "deploy": true, "integration": true,
	"target": true, "job": true,
	"certificate": true, "principal": true, "organization": true, "table_item": true, "item": true, "transfer": true,
	"agreement": true, "selection": true,
	"tag": true, "plan": true, "tags": true, "parameters": true, "contact": true, "virtual": true, "delegation": true,
	"lock": true, "dashboard": true,
}

// guardType names resources that exist to protect others, and what is weaker
// without them.
func guardType(typ string) (Class, bool) {
	t := normalType(typ)
	for _, g := range guardTypes {
		if strings.Contains(t, g.has) {
			return g.class, true
		}
	}
	return 0, false
}

var guardTypes = []struct {
	has   string
	class Class
}{
	{"bucket_versioning", RecoveryWeakened}, {"object_lock", RecoveryWeakened}, {"backup_plan", RecoveryWeakened},
	{"backup_selection", RecoveryWeakened},
	{"backup_policy", RecoveryWeakened}, {"backup_protected", RecoveryWeakened}, {"backup_backup", RecoveryWeakened},
	{"vault_lock", RecoveryWeakened}, {"dlm_lifecycle_policy", RecoveryWeakened},
	{"resource_policy_attachment", RecoveryWeakened}, {"management_lock", DeletionUnguarded}, {"resource_manager_lien", DeletionUnguarded},
	{"public_access_block", Exposed}, {"block_public_access", Exposed}, {"public_access_prevention", Exposed},
	{"server_side_encryption_configuration", EncryptionWeakened}, {"encryption_by_default", EncryptionWeakened},
	{"bucket_logging", LoggingWeakened}, {"logging_configuration", LoggingWeakened}, {"aws_cloudtrail", LoggingWeakened},
	{"cloud_trail_trail", LoggingWeakened}, {"flow_log", LoggingWeakened},
	{"guardduty_detector", LoggingWeakened}, {"config_configuration_recorder", LoggingWeakened}, {"securityhub_account", LoggingWeakened},
	{"diagnostic_setting", LoggingWeakened}, {"auditing_policy", LoggingWeakened}, {"audit_config", LoggingWeakened},
	{"logging_project_sink", LoggingWeakened},
	{"logging_organization_sink", LoggingWeakened}, {"inspector2_enabler", LoggingWeakened}, {"access_analyzer", LoggingWeakened},
	{"network_policy", IsolationWeakened}, {"waf_web_acl_association", IsolationWeakened}, {"wafv2_web_acl_association", IsolationWeakened},
	{"branch_protection", AuthWeakened}, {"github_repository_ruleset", AuthWeakened}, {"github_organization_ruleset", AuthWeakened},
	{"account_password_policy", AuthWeakened}, {"organizations_policy", AuthWeakened}, {"security_center_", HardeningRemoved},
}

// replaceBy lists attributes that cannot be changed in place on most types
// that keep state: changing one destroys the resource and makes a new one.
var replaceBy = map[string]bool{
	"identifier": true, "cluster_identifier": true, "db_cluster_identifier": true, "db_instance_identifier": true,
	"global_cluster_identifier": true,
	"cluster_id":                true, "replication_group_id": true, "creation_token": true, "dataset_id": true,
	"table_id": true, "instance_id": true,
	"bucket": true, "bucket_name": true, "table_name": true, "db_name": true, "database_name": true, "domain_name": true,
	"stream_name": true, "queue_name": true,
	"engine": true, "engine_mode": true, "storage_encrypted": true, "kms_key_id": true, "encrypted": true,
	"availability_zone": true, "db_subnet_group_name": true, "cluster_subnet_group_name": true, "region": true,
	"location": true, "zone": true,
	"resource_group_name": true, "hash_key": true, "range_key": true, "master_username": true, "administrator_login": true,
	"admin_username":      true,
	"snapshot_identifier": true, "source_db_instance_identifier": true, "character_set_name": true, "at_rest_encryption_enabled": true,
	"repository_name": true, "account_tier": true, "is_hns_enabled": true, "infrastructure_encryption_enabled": true,
	"performance_mode":         true,
	"encryption_configuration": true, "key_spec": true, "customer_master_key_spec": true, "key_ring": true, "purpose": true,
	"creation_source_arn": true,
	"fifo_queue":          true, "file_system_type": true, "volume_size_in_gb": true, "db_subnet_group": true, "source_region": true,
	"data_encryption_key_url": true, "disk_encryption_key": true, "physical_block_size_bytes": true, "key_schema": true,
	"database_version": false, "ddl": false,
}

// nameReplaces says for which of them "name" is the identity and not a label.
func nameReplaces(typ string) bool {
	t := normalType(typ)
	for _, p := range []string{"google_", "azurerm_", "aws_dynamodb", "aws_ecr", "aws_kinesis", "aws_sqs", "aws_secretsmanager",
		"aws_backup_vault", "aws_cloudwatch_log_group",
		"aws_glacier", "digitalocean_spaces", "kubernetes_", "cloudflare_", "mongodbatlas_", "aws_route53_zone", "alicloud_oss",
		"yandex_storage"} {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	return false
}

// keepsEncryption are types whose encryption can be turned on in place.
func keepsEncryption(typ string) bool {
	t := normalType(typ)
	for _, p := range []string{"aws_s3", "aws_sqs", "aws_dynamodb", "aws_kinesis", "aws_sns", "aws_secretsmanager",
		"aws_secrets_manager", "aws_cloudwatch_log", "aws_logs",
		"azurerm_", "google_storage", "google_bigquery_dataset", "aws_redshift_cluster", "aws_glue", "aws_elasticsearch",
		"aws_opensearch", "aws_cloudtrail", "aws_backup_vault", "aws_athena"} {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	return false
}

// replaced names the attribute whose change makes the provider destroy a
// stateful resource and create it anew, and its line. Only values that are
// known to differ count, and encryption that is switched on or off.
func replaced(before, after *Resource) (detail string, line int) {
	if before.Type != after.Type || !Stateful(after.Type) {
		return "", 0
	}
	for _, f := range after.Body.Entries() {
		b := before.Body.Get(f.Key)
		switch {
		case tree.Equal(b, f.Value) || !fixed(after.Type, f.Key):
		case encryptionSwitch(f.Key):
			if encryptionReplaces(after, f, b) {
				return f.Key + " cannot be changed in place", f.Line
			}
		case apart(b, f.Value):
			return f.Key + " " + change(b.Text, f.Value.Text) + " cannot be changed in place", f.Line
		}
	}
	for _, f := range before.Body.Entries() {
		if encryptionSwitch(f.Key) && f.Key != "kms_key_id" && !keepsEncryption(after.Type) && on(f.Value) && !after.Body.Has(f.Key) {
			return f.Key + " cannot be changed in place", after.Line
		}
	}
	return "", 0
}

// fixed says whether an attribute cannot be changed in place.
func fixed(typ, key string) bool { return replaceBy[key] || key == "name" && nameReplaces(typ) }

// encryptionReplaces says whether a resource that had the value b for a switch
// of encryption is made anew for f.
func encryptionReplaces(after *Resource, f tree.Field, b *tree.Node) bool {
	switch {
	case keepsEncryption(after.Type):
		return false
	case b == nil: // a key goes with the switch where both are new
		return on(f.Value) && !(f.Key == "kms_key_id" && after.Body.Has("storage_encrypted"))
	}
	return on(b) != on(f.Value)
}

// apart says whether two values differ whatever their templates come to: what is
// written down differs, around the same references in the same order.
func apart(before, after *tree.Node) bool {
	if before == nil || before.Kind != tree.Scalar || after.Kind != tree.Scalar || before.Tag != after.Tag ||
		before.Tag != "" && before.Tag != "!Sub" || before.Text == "" || after.Text == "" {
		return false
	}
	was, from := unfilled(before.Text)
	is, to := unfilled(after.Text)
	return was != is && slices.Equal(from, to)
}

// unfilled is a template with its references taken out, and these in order.
func unfilled(text string) (written string, references []string) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String(), references
		}
		end, depth := 0, 1
		for ; end < len(rest) && depth > 0; end++ {
			switch rest[end] {
			case '{':
				depth++
			case '}':
				depth--
			}
		}
		references = append(references, rest[:end])
		b.WriteByte(0)
		text = rest[end:]
	}
}

func encryptionSwitch(key string) bool {
	switch key {
	case "storage_encrypted", "encrypted", "at_rest_encryption_enabled", "encryption_configuration", "kms_key_id", "disk_encryption_key":
		return true
	}
	return false
}
