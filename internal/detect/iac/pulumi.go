package iac

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/construct"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// pulumi takes over a resource of Pulumi, or of SST: (name, arguments, options),
// where the arguments begin at a place.
func (r *programReader) pulumi(c *construct.Call, class string, name *tree.Node, from int) {
	if name.Kind != tree.Scalar {
		return
	}
	typ := sstType(c.Name, r.moduleOf(c))
	if typ == "" {
		typ = pulumiType(r.pulumiModule(c, class), class)
	}
	if !name.Quoted && strings.HasPrefix(typ, "construct_") {
		return // a class of anything, with a variable
	}
	body, options := mapOf(c.Line), mapOf(c.Line)
	if c.Set != nil {
		set := r.of(c.Set)
		if o := take(set, "opts"); o != nil {
			options = o
		}
		if a := take(set, "args"); a.IsMap() {
			body = a
		}
		body = mapOf(body.Line, append(append([]tree.Field{}, body.Fields...), set.Fields...)...)
	}
	maps := 0
	for i := from; i < len(c.Args); i++ {
		v := r.of(c.Arg(i))
		switch {
		case v.IsMap() && maps == 0 && !r.isOptions(c.Arg(i)):
			body, maps = v, 1
		case v.IsMap():
			options = v
		case v != nil:
			r.option(options, c.Arg(i))
			maps = 1
		}
	}
	r.keep(c, &cloud.Resource{Address: name.Text, Type: typ, Body: pulumiBody(typ, body, options), Line: c.Line}, name)
	r.renamed(typ, name, options)
}

// pulumiModule is the module of a class; of one whose name alone is in the text,
// that of its service, where the program uses a provider that has it.
func (r *programReader) pulumiModule(c *construct.Call, class string) string {
	module := r.moduleOf(c)
	if module != "" {
		return module
	}
	for _, using := range r.program.Using {
		if provider, ok := strings.CutPrefix(using, "Pulumi."); ok {
			if service := classService[strings.TrimSuffix(class, "V2")]; service != "" && strings.HasPrefix(provider, "Aws") {
				return "aws/" + service
			}
			if strings.Contains(provider, ".") {
				module = provider
			}
		}
	}
	return module
}

// isOptions says whether an argument is made by the type of options.
func (r *programReader) isOptions(n *tree.Node) bool {
	c := r.program.CallOf(r.program.Value(n))
	return c != nil && strings.HasSuffix(c.Name, "ResourceOptions")
}

// option is one of Go's: pulumi.Protect(true).
func (r *programReader) option(options, n *tree.Node) {
	if c := r.program.CallOf(r.program.Value(n)); c != nil && len(c.Args) == 1 {
		put(options, cloud.Snake(c.Last()), orUnknown(r.of(c.Arg(0)), n))
	}
}

// renamed notes the names that a resource says it had.
func (r *programReader) renamed(typ string, name, options *tree.Node) {
	for _, a := range options.Get("aliases").Each() {
		old := a.Get("name").Str()
		if old == "" {
			old = a.Str()
			old = old[strings.LastIndexByte(old, ':')+1:]
		}
		if old != "" {
			r.aliases[keyOf(typ, name.Text)] = keyOf(typ, old)
		}
	}
}

// pulumiBody are the arguments, with the options that guard the resource.
func pulumiBody(typ string, args, options *tree.Node) *tree.Node {
	body := mapOf(args.Line)
	for _, f := range args.Fields {
		v := f.Value
		switch {
		case strings.HasPrefix(f.Key, "policy_arn"), strings.HasPrefix(f.Key, "managed_policy_arn"):
			v = managedOf(v)
		case f.Key == "allows" && typ == "google_compute_firewall":
			f.Key = "allow"
		}
		body.Fields = append(body.Fields, tree.Field{Key: f.Key, Line: f.Line, Value: v})
	}
	if v := options.Get("protect"); v != nil {
		put(body, "prevent_destroy", v)
	}
	if v := options.Get("retain_on_delete"); v.True() {
		put(body, "deletion_policy", plain("Retain", v.Line))
	}
	if v := options.Get("delete_before_replace"); v != nil {
		put(body, "delete_before_replace", v)
	}
	if strings.HasPrefix(typ, "azurerm_role_") {
		roleName(body)
	}
	return body
}

// managedOf writes the names of AWS's managed policies out.
func managedOf(n *tree.Node) *tree.Node {
	if n.IsList() {
		out := &tree.Node{Kind: tree.List, Line: n.Line}
		for _, item := range n.Items {
			out.Items = append(out.Items, managedOf(item))
		}
		return out
	}
	if n == nil || n.Quoted || !capital(n.Str()) {
		return n
	}
	return managed(n)
}

// providers are the prefixes of the neutral model's types, by the names that
// Pulumi's packages have.
var providers = map[string]string{"aws": "aws", "awsnative": "aws", "gcp": "google", "googlenative": "google", "azure": "azurerm",
	"azurenative": "azurerm", "kubernetes": "kubernetes", "k8s": "kubernetes", "digitalocean": "digitalocean", "cloudflare": "cloudflare",
	"linode": "linode", "hcloud": "hcloud", "mongodbatlas": "mongodbatlas", "snowflake": "snowflake", "vault": "vault", "github": "github",
	"alicloud": "alicloud", "oci": "oci", "yandex": "yandex", "scaleway": "scaleway", "ovh": "ovh", "confluentcloud": "confluent",
	"databricks": "databricks", "random": "random", "tls": "tls", "postgresql": "postgresql", "mysql": "mysql", "auth0": "auth0",
	"okta": "okta", "datadog": "datadog", "vultr": "vultr", "upstash": "upstash", "neon": "neon", "planetscale": "planetscale"}

// nativeModules are modules that have another name in the neutral model's types; "": none.
var nativeModules = map[string]string{"dbforpostgresql": "postgresql", "dbformysql": "mysql", "dbformariadb": "mariadb",
	"documentdb": "cosmosdb", "projects": "project", "organizations": "organization", "serviceaccount": "service_account",
	"authorization": "", "core": "", "resources": "", "index": "", "keyvault": "key_vault", "cloudwatch": "cloudwatch"}

// pulumiTypes are those that have another name in the neutral model.
var pulumiTypes = map[string]string{
	"aws_s3_bucket_objectv2": "aws_s3_object", "aws_rds_instance": "aws_db_instance", "aws_rds_cluster": "aws_rds_cluster",
	"aws_cloudtrail_trail": "aws_cloudtrail", "aws_ec2_security_group": "aws_security_group",
	"aws_ec2_security_group_rule": "aws_security_group_rule", "aws_ec2_instance": "aws_instance",
	"aws_elasticache_replication_group":               "aws_elasticache_cluster",
	"azurerm_containerservice_managed_cluster":        "azurerm_kubernetes_cluster",
	"azurerm_containerregistry_registry":              "azurerm_container_registry",
	"azurerm_operationalinsights_workspace":           "azurerm_log_analytics_workspace",
	"azurerm_key_vault_vault":                         "azurerm_key_vault",
	"azurerm_cosmosdb_database_account":               "azurerm_cosmosdb_account",
	"azurerm_network_security_rule":                   "azurerm_network_security_rule",
	"kubernetes_release":                              "helm_release",
	"google_cloudrun_service":                         "google_cloud_run_service",
	"google_secretmanager_secret":                     "google_secret_manager_secret",
	"google_dns_managed_zone":                         "google_dns_managed_zone",
	"google_artifactregistry_repository":              "google_artifact_registry_repository",
	"google_bigquery_dataset_iam_member":              "google_bigquery_dataset_iam_member",
	"azurerm_dataprotection_backup_vault":             "azurerm_data_protection_backup_vault",
	"azurerm_recoveryservices_vault":                  "azurerm_recovery_services_vault",
	"azurerm_compute_disk":                            "azurerm_managed_disk",
	"azurerm_cache_redis":                             "azurerm_redis_cache",
	"azurerm_servicebus_namespace":                    "azurerm_servicebus_namespace",
	"azurerm_insights_diagnostic_setting":             "azurerm_monitor_diagnostic_setting",
	"azurerm_machinelearningservices_workspace":       "azurerm_machine_learning_workspace",
	"azurerm_eventhub_event_hub":                      "azurerm_eventhub",
	"azurerm_storage_blob_container":                  "azurerm_storage_container",
	"azurerm_appconfiguration_configuration_store":    "azurerm_app_configuration",
	"azurerm_management_lock_by_scope":                "azurerm_management_lock",
	"azurerm_management_lock_at_resource_level":       "azurerm_management_lock",
	"azurerm_network_network_security_group":          "azurerm_network_security_group",
	"azurerm_management_lock_at_resource_group_level": "azurerm_management_lock",
}

// pulumiType is the neutral type of a class in a module of Pulumi's packages;
// people's own classes have one that says so.
func pulumiType(module, class string) string {
	provider, inside := "", ""
	for _, part := range strings.FieldsFunc(strings.ToLower(module), func(r rune) bool { return r == '/' || r == '.' || r == ':' }) {
		part = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(part, "pulumi_"), "pulumi-"), "-sdk")
		folded := strings.NewReplacer("_", "", "-", "").Replace(part)
		switch {
		case providers[folded] != "" && (provider == "" || providers[folded] == provider):
			provider, inside = providers[folded], ""
		case provider == "" || part == "sdk" || part == "go" || part == "types" || version(part):
		case inside == "":
			inside = part
			if other, known := nativeModules[folded]; known {
				inside = other
			}
		}
	}
	snake := strings.TrimSuffix(cloud.Snake(class), "_v2")
	if provider == "" {
		if !keepsByName(class) {
			return "construct_" + snake + "_settings"
		}
		return "construct_" + snake
	}
	if provider == "kubernetes" || strings.HasPrefix(snake, inside+"_") {
		inside = ""
	}
	name := provider + "_"
	if inside != "" {
		name += inside + "_"
	}
	name += snake
	if known := pulumiTypes[name]; known != "" {
		return known
	}
	return name
}

// version says whether a part of a module's name is one: v2, v1beta1, v20230501.
func version(part string) bool {
	return len(part) > 1 && part[0] == 'v' && part[1] >= '0' && part[1] <= '9'
}

// cdktfType is the type of a class of CDK for Terraform: Terraform's own, in
// another case.
func cdktfType(module, class string) string {
	provider := ""
	parts := strings.FieldsFunc(strings.ToLower(module), func(r rune) bool { return strings.ContainsRune("/.-_", r) })
	for _, part := range parts {
		if p := providers[part]; p != "" {
			provider = p
			break
		}
		if part == "google" || part == "azurerm" || part == "googlebeta" {
			provider = strings.TrimSuffix(part, "beta")
			break
		}
	}
	snake := cloud.Snake(class)
	switch {
	case provider != "":
		return provider + "_" + snake
	case !keepsByName(class):
		return "construct_" + snake + "_settings"
	}
	return "aws_" + snake
}
