package iac

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/construct"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// cdkType is the neutral type of a construct: that of its service and class, for
// those of the CDK, and that of its class alone for people's own.
func (r *programReader) cdkType(c *construct.Call, class string) string {
	class = strings.TrimPrefix(class, "Cfn")
	module := r.moduleOf(c)
	own := strings.HasPrefix(module, ".") || strings.HasPrefix(module, "@/")
	service := serviceName(module)
	if service == "" || own {
		service = classService[class]
	}
	name := typeName(service, class)
	if known := cdkTypes[name]; known != "" {
		return known
	}
	if service == "" {
		name = "construct_" + strings.TrimPrefix(name, "aws_")
	}
	if !keepsByName(class) {
		return name + "_settings" // no type of a thing that keeps data ends so
	}
	return name
}

func typeName(service, class string) string {
	name := "aws_"
	if service != "" {
		name += service + "_"
	}
	return name + cloud.Snake(strings.TrimSuffix(strings.TrimSuffix(class, "Construct"), "Stack"))
}

// serviceName is the service in the name of a CDK module: "s3" of "aws-cdk-lib/aws-s3",
// "aws_cdk/aws_s3", "awss3" and "software.amazon.awscdk.services.s3".
func serviceName(module string) string {
	if i := strings.LastIndexAny(module, "/."); i >= 0 {
		module = module[i+1:]
	}
	module = strings.ToLower(module)
	switch module {
	case "cdk", "aws-cdk-lib", "aws_cdk", "awscdk", "core", "constructs", "this", "self":
		return ""
	}
	for _, prefix := range []string{"aws-", "aws_", "aws"} {
		module = strings.TrimPrefix(module, prefix)
	}
	return strings.Trim(strings.NewReplacer("-", "", "_", "").Replace(module), ".")
}

// keepsByName says whether the last word of a class is that of a thing that
// keeps something, and not of what is done with it: BucketDeployment.
func keepsByName(class string) bool {
	for _, suffix := range []string{"Construct", "Stack", "FromSnapshot", "V2", "ReadReplica"} {
		class = strings.TrimSuffix(class, suffix)
	}
	parts := strings.Split(cloud.Snake(class), "_")
	return keepers[parts[len(parts)-1]]
}

var keepers = words(`table bucket database databases db cluster instance queue topic stream key secret repository pool volume system
	vault domain group zone store storage cache registry ledger graph index broker collection directory plan selection trail recorder
	detector replica disk warehouse workgroup`)

// classService says which service a class is of where its import does not.
var classService = map[string]string{"Bucket": "s3", "Table": "dynamodb", "TableV2": "dynamodb", "GlobalTable": "dynamodb",
	"DatabaseInstance": "rds", "DatabaseCluster": "rds", "ServerlessCluster": "rds", "DBInstance": "rds", "DBCluster": "rds",
	"LogGroup": "logs", "Key": "kms", "UserPool": "cognito", "FileSystem": "efs", "Repository": "ecr", "HostedZone": "route53",
	"PublicHostedZone": "route53", "Queue": "sqs", "Topic": "sns", "Stream": "kinesis", "Secret": "secretsmanager",
	"BackupVault": "backup", "BackupPlan": "backup", "Volume": "ec2", "SecurityGroup": "ec2", "SecurityGroupIngress": "ec2",
	"FunctionUrl": "lambda", "Trail": "cloudtrail", "ManagedPolicy": "iam", "Role": "iam", "Policy": "iam", "BucketPolicy": "s3"}

// cdkTypes are those that have another name in the neutral model.
var cdkTypes = map[string]string{
	"aws_opensearchservice_domain": "aws_opensearch_domain", "aws_elasticsearch_domain": "aws_elasticsearch_domain",
	"aws_lambda_function_url": "aws_lambda_function_url", "aws_lambda_url": "aws_lambda_function_url",
	"aws_cloudtrail_trail": "aws_cloudtrail", "aws_ec2_security_group": "aws_security_group",
	"aws_ec2_security_group_ingress": "aws_security_group_ingress", "aws_ecs_cluster": "aws_ecs_cluster",
	"aws_elasticache_replication_group": "aws_elasticache_cluster", "aws_backup_backup_plan": "aws_backup_plan",
	"aws_iam_role": "aws_iam_role", "aws_iam_policy": "aws_iam_policy", "aws_iam_managed_policy": "aws_iam_policy",
	"aws_cognito_user_pool_group": "aws_cognito_user_group", "aws_ec2_instance": "aws_instance",
	"aws_autoscaling_auto_scaling_group": "aws_autoscaling_group", "aws_rds_subnet_group": "aws_db_subnet_group",
	"aws_elasticloadbalancingv2_application_target_group": "aws_lb_target_group",
}

// kept are the classes of the CDK that stay when they leave their stack, unless
// they are told otherwise; snapshots those of which one copy is made.
// https://docs.aws.amazon.com/cdk/v2/guide/resources.html#resources-removal
var (
	kept = words(`Bucket Table TableV2 GlobalTable Key LogGroup UserPool FileSystem Repository Stream BackupVault Domain Volume Ledger
		LustreFileSystem`)
	snapshots = words(`DatabaseInstance DatabaseCluster ServerlessCluster DatabaseInstanceFromSnapshot DatabaseClusterFromSnapshot
		DatabaseInstanceReadReplica`)
)

// removal is what a removal policy is in CloudFormation's words.
func removal(n *tree.Node) *tree.Node {
	switch strings.ToUpper(n.Str()) {
	case "DESTROY", "REMOVE":
		return plain("Delete", n.Line)
	case "RETAIN", "RETAIN_ON_UPDATE_OR_DELETE", "RETAIN-ALL", "RETAIN_ALL":
		return plain("Retain", n.Line)
	case "SNAPSHOT":
		return plain("Snapshot", n.Line)
	}
	return n
}

// cdkBody rewrites the settings of which the CDK has words of its own.
func cdkBody(typ, class string, body *tree.Node) *tree.Node {
	out := mapOf(body.Line)
	for _, f := range body.Fields {
		for _, g := range cdkSetting(typ, f) {
			put(out, g.Key, g.Value)
		}
	}
	if !out.Has("deletion_policy") {
		switch {
		case kept[class]:
			put(out, "deletion_policy", plain("Retain", 0))
		case snapshots[class]:
			put(out, "deletion_policy", plain("Snapshot", 0))
		}
	}
	if strings.EqualFold(out.Get("vpc_subnets", "subnet_type").Str(), "public") && !out.Has("publicly_accessible") &&
		strings.Contains(typ, "rds") {
		put(out, "publicly_accessible", plain("true", out.Get("vpc_subnets", "subnet_type").At()))
	}
	return out
}

// renamed are settings that mean what others do under another name.
var renamed = map[string]string{"auto_delete_objects": "force_destroy", "auto_delete_images": "force_destroy",
	"empty_on_delete": "force_destroy", "pending_window": "deletion_window_in_days",
	"managed_policies": "managed_policy_arns", "enforce_ssl": "secure_transport"}

// cdkSetting is one setting in the neutral model's words.
func cdkSetting(typ string, f tree.Field) []tree.Field {
	v := f.Value
	if name := renamed[f.Key]; name != "" {
		return []tree.Field{field(name, v)}
	}
	switch f.Key {
	case "removal_policy":
		return []tree.Field{field("deletion_policy", removal(v))}
	case "public_read_access":
		if v.True() {
			return []tree.Field{field("acl", plain("public-read", v.Line))}
		}
		return nil
	case "access_control":
		return []tree.Field{field(f.Key, at(&tree.Node{Kind: tree.Scalar, Tag: v.Tag, Text: strings.ReplaceAll(v.Str(), "_", "")}, v.At()))}
	case "partition_key":
		return []tree.Field{field("hash_key", orUnknown(v.Get("name"), v))}
	case "sort_key":
		return []tree.Field{field("range_key", orUnknown(v.Get("name"), v))}
	case "block_public_access":
		return []tree.Field{field("public_access_block_configuration", blockedAccess(v))}
	case "endpoint_access":
		if v.Str() == "PUBLIC" || v.Str() == "PRIVATE" {
			v = plain(strconv.FormatBool(v.Str() == "PUBLIC"), v.Line)
			return []tree.Field{field("endpoint_public_access", v)}
		}
	case "retention":
		if n, known := retentions[v.Str()]; known {
			return []tree.Field{field("retention", plain(n, v.Line))}
		}
	case "lifecycle_rules":
		return []tree.Field{field(f.Key, lifecycle(v))}
	case "assumed_by":
		if doc := trust(v); doc != nil {
			return []tree.Field{field("assume_role_policy", doc)}
		}
	case "initial_policy", "inline_policies", "statements", "document":
		return nil // their statements are looked at one by one
	}
	return []tree.Field{f}
}

// blockedAccess is what BlockPublicAccess.BLOCK_ALL and its like block.
func blockedAccess(v *tree.Node) *tree.Node {
	if v.IsMap() || v.Str() != "BLOCK_ALL" && v.Str() != "BLOCK_ACLS" && !strings.HasPrefix(v.Str(), "BLOCK_ACLS") {
		return v
	}
	on := plain("true", v.Line)
	out := mapOf(v.Line, field("block_public_acls", on), field("ignore_public_acls", on))
	if v.Str() == "BLOCK_ALL" {
		out.Fields = append(out.Fields, field("block_public_policy", on), field("restrict_public_buckets", on))
	}
	return out
}

// retentions are the days of the CDK's names for them.
var retentions = map[string]string{"ONE_DAY": "1", "THREE_DAYS": "3", "FIVE_DAYS": "5", "ONE_WEEK": "7", "TWO_WEEKS": "14",
	"ONE_MONTH": "30", "TWO_MONTHS": "60", "THREE_MONTHS": "90", "FOUR_MONTHS": "120", "FIVE_MONTHS": "150", "SIX_MONTHS": "180",
	"ONE_YEAR": "365", "THIRTEEN_MONTHS": "400", "EIGHTEEN_MONTHS": "545", "TWO_YEARS": "731", "FIVE_YEARS": "1827",
	"TEN_YEARS": "3653", "INFINITE": "99999"}

// lifecycle names what lets objects expire.
func lifecycle(v *tree.Node) *tree.Node {
	return tree.Rekeyed(v, func(key string) string {
		if key == "expiration" {
			return "expiration_in_days"
		}
		return key
	})
}
