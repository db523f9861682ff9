package iac

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/ansible"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// ansibleTypes are the neutral types of what modules declare in a cloud.
var ansibleTypes = map[string]string{"rds_instance": "aws_db_instance", "rds_cluster": "aws_rds_cluster", "s3_bucket": "aws_s3_bucket",
	"dynamodb_table": "aws_dynamodb_table", "ec2_security_group": "aws_security_group", "ec2_group": "aws_security_group",
	"iam_role": "aws_iam_role", "iam_user": "aws_iam_user", "iam_policy": "aws_iam_policy", "iam_managed_policy": "aws_iam_policy",
	"ec2_instance": "aws_instance", "kms_key": "aws_kms_key", "elasticache": "aws_elasticache_cluster", "redshift": "aws_redshift_cluster",
	"azure_rm_securitygroup": "azurerm_network_security_group", "azure_rm_storageaccount": "azurerm_storage_account",
	"azure_rm_keyvault": "azurerm_key_vault", "azure_rm_sqlserver": "azurerm_sql_server", "azure_rm_roleassignment": "azurerm_role_assignment",
	"azure_rm_postgresqlflexibleserver": "azurerm_postgresql_flexible_server", "gcp_compute_firewall": "google_compute_firewall",
	"gcp_sql_instance": "google_sql_database_instance", "gcp_storage_bucket": "google_storage_bucket",
	"gcp_container_cluster": "google_container_cluster"}

// readAnsible reads what tasks declare in a cloud. What they delete is package
// ansible's: a task that goes takes nothing with it, so that nothing counts as
// deleted here.
func readAnsible(docs []*tree.Node) *declared {
	d := newDeclared()
	for _, t := range ansible.Tasks(docs) {
		typ := ansibleTypes[t.Module]
		if typ == "" || strings.EqualFold(t.Args.Get("state").Str(), "absent") {
			continue
		}
		body := mapOf(t.Line)
		for _, f := range t.Args.Fields {
			if key := f.Key; key == "rules" && typ == "aws_security_group" {
				body.Fields = append(body.Fields, tree.Field{Key: "ingress", Line: f.Line, Value: tree.Rekeyed(f.Value, ruleKey)})
			} else if !strings.HasPrefix(key, "state") {
				body.Fields = append(body.Fields, f)
			}
		}
		name := t.Name
		if name == "" {
			name = t.Module
		}
		d.parts = append(d.parts, &cloud.Resource{Address: name, Type: typ, Body: body, Line: t.Line})
	}
	return d
}

// ruleKey is what the keys of a security group's rules are called elsewhere.
func ruleKey(key string) string {
	if key == "proto" {
		return "protocol"
	}
	return key
}
