package iac

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/construct"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// sstTypes are the neutral types of SST's components.
// https://sst.dev/docs/all-components
var sstTypes = map[string]string{"Dynamo": "aws_dynamodb_table", "Bucket": "aws_s3_bucket", "Postgres": "aws_db_instance",
	"Aurora": "aws_rds_cluster", "Mysql": "aws_db_instance", "Redis": "aws_elasticache_cluster", "Queue": "aws_sqs_queue",
	"SnsTopic": "aws_sns_topic", "KinesisStream": "aws_kinesis_stream", "Efs": "aws_efs_file_system", "OpenSearch": "aws_opensearch_domain",
	"CognitoUserPool": "aws_cognito_user_pool", "D1": "cloudflare_d1_database", "Kv": "cloudflare_workers_kv_namespace",
	"Function": "aws_lambda_function", "Table": "aws_dynamodb_table", "RDS": "aws_rds_cluster", "Topic": "aws_sns_topic"}

// sstType is the type of an SST component, "" for what is none.
func sstType(name, module string) string {
	if !strings.HasPrefix(name, "sst.") && !strings.HasPrefix(module, "sst/") {
		return ""
	}
	class := name[strings.LastIndexByte(name, '.')+1:]
	if typ := sstTypes[class]; typ != "" {
		return typ
	}
	return "construct_" + cloud.Snake(class) + "_settings"
}

// app takes over what an SST app does with its resources when it is removed: what
// it returns with its name.
func (r *programReader) app(program *construct.Program) {
	for _, o := range program.Objects {
		if !o.Has("removal") && !o.Has("protect") || !o.Has("name") && !o.Has("home") {
			continue
		}
		v := r.of(o)
		body := mapOf(o.Line)
		if n := v.Get("removal"); n != nil {
			put(body, "deletion_policy", removal(n))
		}
		if n := v.Get("protect"); n != nil {
			put(body, "prevent_destroy", n)
		}
		r.add(&cloud.Resource{Address: "app", Type: "construct_app", Body: body, Line: o.Line}, "app")
	}
	for _, res := range r.resources {
		if res.Type == "aws_s3_bucket" && res.Body.Get("access").Str() == "public" {
			put(res.Body, "acl", &tree.Node{Kind: tree.Scalar, Text: "public-read", Line: res.Body.Get("access").Line})
		}
	}
}
