package ansible

import "strings"

// does is what a module does where its arguments say so.
type does struct {
	when   string // KEY=VALUE|VALUE, with blanks between those that must all hold; ! in front of a key that must not
	kind   string
	lost   string // what is lost, a clause
	object string // arguments that name it, with | between
}

func set(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// gone are modules of which "state: absent" deletes what keeps data, by what is
// lost.
var gone = map[string]string{
	"a database": `postgresql_db mysql_db mongodb_db mssql_db clickhouse_db influxdb_database influxdb_bucket vertica_schema
		postgresql_schema postgresql_table postgresql_tablespace postgresql_slot couchdb_db cassandra_keyspace rds_instance rds_cluster rds
		rds_instance_snapshot rds_cluster_snapshot rds_snapshot redshift elasticache dynamodb_table docdb_cluster opensearch aurora
		gcp_sql_instance gcp_sql_database gcp_spanner_instance gcp_spanner_database gcp_bigtable_instance gcp_redis_instance
		gcp_bigquery_dataset gcp_bigquery_table gcp_filestore_instance azure_rm_sqldatabase azure_rm_sqlserver azure_rm_sqlmanagedinstance
		azure_rm_postgresqlserver azure_rm_postgresqldatabase azure_rm_postgresqlflexibleserver azure_rm_postgresqlflexibledatabase
		azure_rm_mysqlserver azure_rm_mysqldatabase azure_rm_mysqlflexibleserver azure_rm_mariadbserver azure_rm_mariadbdatabase
		azure_rm_cosmosdbaccount azure_rm_rediscache digital_ocean_database linode_database database_instance ali_rds_instance`,
	"what is stored there": `s3_bucket gcp_storage_bucket azure_rm_storageaccount azure_rm_storageblob azure_rm_storageshare efs
		digital_ocean_spaces swift_container object_container os_object oci_object_storage_bucket minio_bucket ceph_pool rgw_bucket
		github_repo gitlab_project gitlab_group ecs_ecr ecr_repository azure_rm_containerregistry glacier backup_vault`,
	"a volume with its data": `docker_volume podman_volume lvol lvg zfs zpool ec2_vol ebs_volume gcp_compute_disk azure_rm_manageddisk
		os_volume volume volume_snapshot hcloud_volume digital_ocean_block_storage linode_volume na_ontap_volume na_ontap_aggregate
		na_ontap_lun purefa_volume purefb_fs virt_volume virt_pool vmware_guest proxmox proxmox_kvm proxmox_disk gluster_volume
		ec2_snapshot gcp_compute_snapshot azure_rm_snapshot nutanix_vms ovirt_disk ovirt_vm lxd_container lxd_storage_pool`,
	"keys or secrets": `kms_key aws_kms secretsmanager_secret aws_secret azure_rm_keyvault azure_rm_keyvaultkey azure_rm_keyvaultsecret
		gcp_kms_crypto_key vault_kv2_delete luks_device`,
	"messages": `sqs_queue sns_topic kinesis_stream rabbitmq_vhost rabbitmq_queue kafka_topic azure_rm_servicebus azure_rm_eventhub
		gcp_pubsub_topic msk_cluster`,
	"everything that it made": `cloudformation cloudformation_stack_set terraform azure_rm_resourcegroup azure_rm_aks gcp_container_cluster
		eks_cluster gcp_resourcemanager_project docker_swarm route53_zone azure_rm_dnszone gcp_dns_managed_zone os_stack heat_stack`,
}

// rows are what else modules do.
var rows = map[string][]does{
	"s3_object":               {{"mode=delete", "deletes-data", "what is stored there", "bucket"}},
	"aws_s3":                  {{"mode=delete", "deletes-data", "what is stored there", "bucket"}},
	"docker_prune":            {{"volumes=yes", "deletes-data", "volumes with their data", ""}},
	"podman_prune":            {{"volume=yes", "deletes-data", "volumes with their data", ""}},
	"docker_compose":          {{"state=absent remove_volumes=yes", "deletes-data", "volumes with their data", "project_src"}},
	"filesystem":              {{"force=yes", "wipes-disk", "what is on it", "dev"}, {"state=absent", "wipes-disk", "what is on it", "dev"}},
	"parted":                  {{"state=absent", "wipes-disk", "a partition", "device"}},
	"luks_device":             {{"state=absent", "wipes-disk", "what is on it", "device"}},
	"lvg":                     {{"force=yes", "wipes-disk", "what is on it", "vg"}},
	"lvol":                    {{"!size= force=yes", "deletes-data", "a volume with its data", "lv"}},
	"win_partition":           {{"state=absent", "wipes-disk", "a partition", "drive_letter"}},
	"win_format":              {{"force=yes", "wipes-disk", "what is on it", "drive_letter"}},
	"k8s":                     {{"state=absent kind=" + keepers, "deletes-data", "what it keeps", "name|kind"}},
	"kubernetes":              {{"state=absent kind=" + keepers, "deletes-data", "what it keeps", "name|kind"}},
	"helm":                    {{"state=absent", "deletes-resource", "", "name|release_name"}},
	"ec2_instance":            {{"state=absent|terminated", "deletes-resource", "", "name|instance_ids"}},
	"ec2":                     {{"state=absent|terminated", "deletes-resource", "", "name|instance_ids"}},
	"gcp_compute_instance":    {{"state=absent", "deletes-resource", "", "name"}},
	"azure_rm_virtualmachine": {{"state=absent", "deletes-resource", "", "name"}},
	"server":                  {{"state=absent", "deletes-resource", "", "name"}},
	"hcloud_server":           {{"state=absent", "deletes-resource", "", "name"}},
	"digital_ocean_droplet":   {{"state=absent", "deletes-resource", "", "name"}},
	"selinux":                 {{"state=disabled|permissive", "guard-off", "SELinux no longer enforces", "state"}},
	"ufw": {{"state=disabled|reset", "guard-off", "the firewall is off", "state"},
		{"default=allow direction=incoming|in", "guard-off", "everything may come in", "default"},
		{"policy=allow direction=incoming|in", "guard-off", "everything may come in", "policy"}},
	"iptables": {{"flush=yes", "guard-off", "the rules are gone", "chain"},
		{"policy=accept chain=input", "guard-off", "everything may come in", "chain"}},
	"win_firewall": {{"state=disabled", "guard-off", "the firewall is off", "profiles"}},
	"cloudtrail": {{"state=absent|disabled", "guard-off", "the trail is gone", "name"},
		{"enable_logging=no", "guard-off", "the trail records nothing", "name"}},
}

const keepers = "namespace|persistentvolumeclaim|persistentvolume|statefulset|customresourcedefinition"

// services and packages of which a stop or a removal leaves a system unguarded.
var guards = set(`firewalld ufw iptables ip6tables nftables auditd fail2ban apparmor crowdsec falco falcon-sensor clamav-daemon clamd
	clamav-freshclam osqueryd wazuh-agent ossec ossec-hids sshguard aide mdatp cbdaemon qualys-cloud-agent sentinelone samhain tripwire
	windefend mpssvc sysmon sysmon64 rsyslog unattended-upgrades`)

var (
	serviceModules = set("service systemd systemd_service sysvinit win_service openrc runit")
	packageModules = set("package apt dnf yum dnf5 zypper pacman apk pkgng homebrew win_package")
	fileModules    = set("file copy template unarchive get_url blockinfile lineinfile assemble replace ini_file")
	queryModules   = set("postgresql_query mysql_query mssql_script clickhouse_client postgresql_script proxysql_query")
)

// checks are arguments that leave out to check whom one talks to, or what one
// gets, with the value that does.
var checks = map[string]string{"validate_certs": "no", "verify_ssl": "no", "ssl_verify": "no", "verify_certs": "no", "tls_verify": "no",
	"sslverify": "no", "gpgcheck": "no", "repo_gpgcheck": "no", "disable_gpg_check": "yes", "allow_unauthenticated": "yes",
	"api_ssl_verify": "no", "insecure": "yes", "skip_verify": "yes", "insecure_skip_tls_verify": "yes", "ssl_insecure": "yes"}

// lostBy is what the absence of a module's object loses.
var lostBy = func() map[string]string {
	out := map[string]string{}
	for lost, list := range gone {
		for name := range set(list) {
			out[name] = lost
		}
	}
	return out
}()

// Known says whether something is known of a module.
func Known(name string) bool {
	return lostBy[name] != "" || rows[name] != nil || serviceModules[name] || packageModules[name] || fileModules[name] ||
		queryModules[name] || name == "uri" || name == "yum_repository" || name == "git" || name == "docker_login" ||
		strings.HasPrefix(name, "ec2_") || strings.HasPrefix(name, "azure_rm_") || strings.HasPrefix(name, "gcp_") ||
		strings.HasPrefix(name, "rds_") || strings.HasPrefix(name, "iam_") || strings.HasPrefix(name, "k8s_") || strings.HasPrefix(name, "win_")
}
