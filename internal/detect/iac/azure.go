package iac

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// azureTypes are the neutral types of those resources whose own names say too
// little, in lower case.
var azureTypes = map[string]string{
	"microsoft.keyvault/vaults": "azurerm_key_vault", "microsoft.keyvault/managedhsms": "azurerm_key_vault",
	"microsoft.keyvault/vaults/keys": "azurerm_key_vault_key", "microsoft.keyvault/vaults/secrets": "azurerm_key_vault_secret",
	"microsoft.keyvault/vaults/accesspolicies":                      "azurerm_key_vault_access_policy",
	"microsoft.storage/storageaccounts":                             "azurerm_storage_account",
	"microsoft.storage/storageaccounts/blobservices/containers":     "azurerm_storage_container",
	"microsoft.storage/storageaccounts/fileservices/shares":         "azurerm_storage_share",
	"microsoft.storage/storageaccounts/tableservices/tables":        "azurerm_storage_table_database",
	"microsoft.storage/storageaccounts/queueservices/queues":        "azurerm_storage_queue",
	"microsoft.documentdb/databaseaccounts":                         "azurerm_cosmosdb_account",
	"microsoft.documentdb/databaseaccounts/sqldatabases":            "azurerm_cosmosdb_sql_database",
	"microsoft.documentdb/databaseaccounts/sqldatabases/containers": "azurerm_cosmosdb_sql_container",
	"microsoft.documentdb/databaseaccounts/mongodbdatabases":        "azurerm_cosmosdb_mongo_database",
	"microsoft.documentdb/mongoclusters":                            "azurerm_mongo_cluster",
	"microsoft.cache/redis":                                         "azurerm_redis_cache",
	"microsoft.cache/redisenterprise":                               "azurerm_redis_enterprise_cluster",
	"microsoft.containerregistry/registries":                        "azurerm_container_registry",
	"microsoft.containerservice/managedclusters":                    "azurerm_kubernetes_cluster",
	"microsoft.operationalinsights/workspaces":                      "azurerm_log_analytics_workspace",
	"microsoft.search/searchservices":                               "azurerm_search_service",
	"microsoft.eventhub/namespaces":                                 "azurerm_eventhub_namespace",
	"microsoft.eventhub/namespaces/eventhubs":                       "azurerm_eventhub",
	"microsoft.servicebus/namespaces":                               "azurerm_servicebus_namespace",
	"microsoft.appconfiguration/configurationstores":                "azurerm_app_configuration",
	"microsoft.compute/disks":                                       "azurerm_managed_disk",
	"microsoft.compute/snapshots":                                   "azurerm_snapshot",
	"microsoft.recoveryservices/vaults":                             "azurerm_recovery_services_vault",
	"microsoft.recoveryservices/vaults/backuppolicies":              "azurerm_backup_policy_vm",
	"microsoft.dataprotection/backupvaults":                         "azurerm_data_protection_backup_vault",
	"microsoft.network/dnszones":                                    "azurerm_dns_zone",
	"microsoft.network/privatednszones":                             "azurerm_private_dns_zone",
	"microsoft.network/networksecuritygroups":                       "azurerm_network_security_group",
	"microsoft.network/networksecuritygroups/securityrules":         "azurerm_network_security_rule",
	"microsoft.authorization/roleassignments":                       "azurerm_role_assignment",
	"microsoft.authorization/roledefinitions":                       "azurerm_role_definition",
	"microsoft.authorization/locks":                                 "azurerm_management_lock",
	"microsoft.resources/resourcegroups":                            "azurerm_resource_group",
	"microsoft.insights/diagnosticsettings":                         "azurerm_monitor_diagnostic_setting",
	"microsoft.sql/servers/auditingsettings":                        "azurerm_mssql_server_extended_auditing_policy",
	"microsoft.security/pricings":                                   "azurerm_security_center_subscription_pricing",
	"microsoft.machinelearningservices/workspaces":                  "azurerm_machine_learning_workspace",
	"microsoft.managedidentity/userassignedidentities/federatedidentitycredentials"://
	"azurerm_federated_identity_credential",
	"microsoft.web/sites": "azurerm_linux_web_app", "microsoft.synapse/workspaces": "azurerm_synapse_workspace",
	"microsoft.netapp/netappaccounts/capacitypools": "azurerm_netapp_pool", "microsoft.devices/iothubs": "azurerm_iothub",
}

// azureType is the neutral type of "Microsoft.Sql/servers/databases@2023-08-01".
func azureType(written string) string {
	written, _, _ = strings.Cut(written, "@")
	if known := azureTypes[strings.ToLower(written)]; known != "" {
		return known
	}
	provider, rest, inside := strings.Cut(written, "/")
	if !inside {
		provider, rest = "", written
	}
	provider = strings.ToLower(provider[strings.LastIndexByte(provider, '.')+1:])
	if other, known := nativeModules[provider]; known {
		provider = other
	}
	name := "azurerm"
	if provider != "" {
		name += "_" + provider
	}
	for _, part := range strings.Split(rest, "/") {
		name += "_" + singular(cloud.Snake(part))
	}
	return name
}

func singular(s string) string {
	switch {
	case strings.HasSuffix(s, "ies"):
		return strings.TrimSuffix(s, "ies") + "y"
	case strings.HasSuffix(s, "ss"), s == "redis":
		return s
	}
	return strings.TrimSuffix(s, "s")
}

// azureRoles are the roles that Azure brings along which give much, by their ids.
// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var azureRoles = map[string]string{
	"8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
	"b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
	"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
	"f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
	"00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
	"b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
	"9980e02c-c2be-4d73-94e8-173b1dc7cf3c": "Virtual Machine Contributor",
}

// roleName adds the name of the role that an assignment names by its id.
func roleName(body *tree.Node) {
	id := body.Get("role_definition_id")
	text := strings.ToLower(id.Str())
	for guid, name := range azureRoles {
		if strings.Contains(text, guid) {
			put(body, "role_definition_name", plain(name, id.Line))
			return
		}
	}
}

// azureBody lifts the properties of a resource beside what is said of it, where
// the neutral model has them.
func azureBody(typ string, n *tree.Node) *tree.Node {
	out := mapOf(n.At())
	for _, f := range n.Entries() {
		switch f.Key {
		case "properties", "params":
			out.Fields = append(out.Fields, f.Value.Entries()...)
		case "resources", "depends_on", "api_version", "type":
		default:
			if f.Key != "name" || !n.Has("params") { // of a module it is that of the deployment
				out.Fields = append(out.Fields, f)
			}
		}
	}
	if access := take(out, "public_access"); access != nil && typ == "azurerm_storage_container" {
		put(out, "container_access_type", access)
	} else if access != nil {
		put(out, "public_access", access)
	}
	if typ == "azurerm_role_assignment" {
		roleName(out)
	}
	return out
}
