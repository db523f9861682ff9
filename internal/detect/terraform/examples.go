package terraform

import "github.com/gatehold/gatehold/internal/detect/cloud"

// res writes one resource in the language.
func res(typ, name string, lines ...string) string {
	s := "resource \"" + typ + "\" \"" + name + "\" {\n"
	for _, l := range lines {
		s += "  " + l + "\n"
	}
	return s + "}\n"
}

// grant writes an IAM policy with one statement.
func grant(statement string) string {
	return res("aws_iam_policy", "ci", "policy = jsonencode({ Statement = [{ Effect = \"Allow\", "+statement+" }] })")
}

// classExamples are short on purpose: they are read in the rules' reference.
var classExamples = map[cloud.Class]cloud.Example{
	cloud.StatefulDeleted: {FiresBefore: res("aws_dynamodb_table", "orders", `name = "orders"`),
		QuietBefore: res("aws_dynamodb_table", "orders", `name = "orders"`),
		Quiet:       res("aws_dynamodb_table", "sales", `name = "orders"`) + "\nmoved {\n  from = aws_dynamodb_table.orders\n  to   = aws_dynamodb_table.sales\n}\n"},
	cloud.StatefulReplaced: {FiresBefore: res("aws_db_instance", "main", `storage_encrypted = false`), Fires: res("aws_db_instance", "main", `storage_encrypted = true`),
		QuietBefore: res("aws_db_instance", "main", `instance_class = "db.t3.small"`), Quiet: res("aws_db_instance", "main", `instance_class = "db.t3.large"`)},
	cloud.DeletionUnguarded: {FiresBefore: res("aws_db_instance", "main", `deletion_protection = true`), Fires: res("aws_db_instance", "main", `deletion_protection = false`),
		QuietBefore: res("aws_db_instance", "main", `deletion_protection = false`), Quiet: res("aws_db_instance", "main", `deletion_protection = true`)},
	cloud.RecoveryWeakened: {FiresBefore: res("aws_db_instance", "main", `backup_retention_period = 30`), Fires: res("aws_db_instance", "main", `backup_retention_period = 1`),
		QuietBefore: res("aws_db_instance", "main", `backup_retention_period = 1`), Quiet: res("aws_db_instance", "main", `backup_retention_period = 30`)},
	cloud.DataExpiry: {FiresBefore: res("google_storage_bucket", "logs", `name = "logs"`, `location = "EU"`), Fires: res("google_storage_bucket", "logs", `name = "logs"`, `location = "EU"`, `expiration {`, `  days = 7`, `}`),
		QuietBefore: res("google_storage_bucket", "logs", `name = "logs"`), Quiet: res("google_storage_bucket", "logs", `name = "logs"`, `storage_class = "NEARLINE"`)},
	cloud.EncryptionWeakened: {FiresBefore: res("aws_sqs_queue", "jobs", `kms_master_key_id = aws_kms_key.jobs.id`), Fires: res("aws_sqs_queue", "jobs", `name = "jobs"`),
		QuietBefore: res("aws_sqs_queue", "jobs", `kms_master_key_id = aws_kms_key.a.id`), Quiet: res("aws_sqs_queue", "jobs", `kms_master_key_id = aws_kms_key.b.id`)},
	cloud.TLSWeakened: {FiresBefore: res("azurerm_storage_account", "a", `min_tls_version = "TLS1_2"`), Fires: res("azurerm_storage_account", "a", `min_tls_version = "TLS1_0"`),
		QuietBefore: res("azurerm_storage_account", "a", `min_tls_version = "TLS1_0"`), Quiet: res("azurerm_storage_account", "a", `min_tls_version = "TLS1_2"`)},
	cloud.LoggingWeakened: {FiresBefore: res("aws_cloudtrail", "main", `enable_logging = true`), Fires: res("aws_cloudtrail", "main", `enable_logging = false`),
		QuietBefore: res("aws_cloudtrail", "main", `enable_logging = false`), Quiet: res("aws_cloudtrail", "main", `enable_logging = true`)},
	cloud.Exposed: {FiresBefore: res("aws_db_instance", "main", `publicly_accessible = false`), Fires: res("aws_db_instance", "main", `publicly_accessible = true`),
		Quiet: res("aws_db_instance", "main", `publicly_accessible = false`)},
	cloud.IsolationWeakened: {FiresBefore: res("aws_eks_cluster", "main", `vpc_config {`, `  public_access_cidrs = ["10.0.0.0/8"]`, `}`), Fires: res("aws_eks_cluster", "main", `vpc_config {`, `  subnet_ids = []`, `}`),
		QuietBefore: res("aws_eks_cluster", "main", `vpc_config {`, `  public_access_cidrs = ["10.0.0.0/8"]`, `}`), Quiet: res("aws_eks_cluster", "main", `vpc_config {`, `  public_access_cidrs = ["10.1.0.0/16"]`, `}`)},
	cloud.WorldOpenAdmin: {Fires: res("aws_security_group_rule", "ssh", `type = "ingress"`, `from_port = 22`, `to_port = 22`, `protocol = "tcp"`, `cidr_blocks = ["0.0.0.0/0"]`),
		Quiet: res("aws_security_group_rule", "ssh", `type = "ingress"`, `from_port = 22`, `to_port = 22`, `protocol = "tcp"`, `cidr_blocks = ["10.0.0.0/8"]`)},
	cloud.WorldOpenPort: {Fires: res("aws_security_group_rule", "game", `type = "ingress"`, `from_port = 7777`, `to_port = 7777`, `protocol = "udp"`, `cidr_blocks = ["0.0.0.0/0"]`),
		Quiet: res("aws_security_group_rule", "game", `type = "egress"`, `from_port = 7777`, `to_port = 7777`, `protocol = "udp"`, `cidr_blocks = ["0.0.0.0/0"]`)},
	cloud.WorldOpenWeb: {
		FiresBefore: res("google_compute_firewall", "web", `allow {`, `  protocol = "tcp"`, `  ports    = ["443"]`, `}`, `source_ranges = ["10.0.0.0/8"]`),
		Fires:       res("google_compute_firewall", "web", `allow {`, `  protocol = "tcp"`, `  ports    = ["443"]`, `}`, `source_ranges = ["0.0.0.0/0"]`),
		Quiet:       res("google_compute_firewall", "web", `allow {`, `  protocol = "tcp"`, `  ports    = ["443"]`, `}`, `source_ranges = ["10.0.0.0/8"]`)},
	cloud.PolicyAdmin:     {Fires: grant(`Action = "*", Resource = "*"`), Quiet: grant(`Action = "s3:GetObject", Resource = "arn:aws:s3:::site/*"`)},
	cloud.PolicyWildcard:  {Fires: grant(`Action = "s3:*", Resource = "*"`), Quiet: grant(`Action = "s3:*", Resource = "arn:aws:s3:::scratch/*"`)},
	cloud.PolicySensitive: {Fires: grant(`Action = "iam:PassRole", Resource = "*"`), Quiet: grant(`Action = "iam:PassRole", Resource = "arn:aws:iam::123456789012:role/app"`)},
	cloud.PolicyPublic: {Fires: res("google_storage_bucket_iam_member", "all", `role = "roles/storage.objectViewer"`, `member = "allUsers"`),
		Quiet: res("google_storage_bucket_iam_member", "all", `role = "roles/storage.objectViewer"`, `member = "group:dev@example.com"`)},
	cloud.TrustWidened: {Fires: res("aws_iam_role", "ci", `assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }] })`),
		Quiet: res("aws_iam_role", "ci", `assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })`)},
	cloud.RoleBroad: {Fires: res("google_project_iam_member", "ci", `role = "roles/iam.serviceAccountTokenCreator"`, `member = "serviceAccount:ci@acme.iam.gserviceaccount.com"`),
		Quiet: res("google_project_iam_member", "ci", `role = "roles/logging.logWriter"`, `member = "serviceAccount:ci@acme.iam.gserviceaccount.com"`)},
	cloud.AuthWeakened: {FiresBefore: res("azurerm_kubernetes_cluster", "main", `local_account_disabled = true`), Fires: res("azurerm_kubernetes_cluster", "main", `local_account_disabled = false`),
		QuietBefore: res("azurerm_kubernetes_cluster", "main", `local_account_disabled = false`), Quiet: res("azurerm_kubernetes_cluster", "main", `local_account_disabled = true`)},
	cloud.Privileged: {Fires: res("aws_codebuild_project", "main", `environment {`, `  privileged_mode = true`, `}`),
		Quiet: res("aws_codebuild_project", "main", `environment {`, `  privileged_mode = false`, `}`)},
	cloud.PlainSecret: {Fires: res("aws_db_instance", "main", `password = "hunter2-hunter2"`), Quiet: res("aws_db_instance", "main", `password = var.password`)},
	cloud.HardeningRemoved: {FiresBefore: res("aws_ecr_repository", "app", `image_tag_mutability = "IMMUTABLE"`), Fires: res("aws_ecr_repository", "app", `image_tag_mutability = "MUTABLE"`),
		QuietBefore: res("aws_ecr_repository", "app", `image_tag_mutability = "MUTABLE"`), Quiet: res("aws_ecr_repository", "app", `image_tag_mutability = "IMMUTABLE"`)},
}
