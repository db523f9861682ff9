package cloudformation

import "github.com/gatehold/gatehold/internal/detect/cloud"

// res writes one resource of a template; lines are its properties.
func res(typ string, lines ...string) string {
	return resWith(typ, "", lines...)
}

func resWith(typ, attribute string, lines ...string) string {
	s := "Resources:\n  Main:\n    Type: AWS::" + typ + "\n"
	if attribute != "" {
		s += "    " + attribute + "\n"
	}
	s += "    Properties:\n"
	for _, l := range lines {
		s += "      " + l + "\n"
	}
	return s
}

func grant(action, resource string) string {
	return res("IAM::Policy", "PolicyDocument:", "  Statement:", "    - Effect: Allow", "      Action: "+action, "      Resource: "+resource)
}

func ingress(port, cidr string) string {
	return res("EC2::SecurityGroup", "SecurityGroupIngress:", "  - IpProtocol: tcp", "    FromPort: "+port, "    ToPort: "+port, "    CidrIp: "+cidr)
}

func trust(principal string) string {
	return res("IAM::Role", "AssumeRolePolicyDocument:", "  Statement:", "    - Effect: Allow", "      Action: sts:AssumeRole", "      Principal: {"+principal+"}")
}

var classExamples = map[cloud.Class]cloud.Example{
	cloud.StatefulDeleted: {FiresBefore: res("DynamoDB::Table", "TableName: orders"),
		QuietBefore: resWith("DynamoDB::Table", "DeletionPolicy: Retain", "TableName: orders")},
	cloud.StatefulReplaced: {FiresBefore: res("RDS::DBInstance", "StorageEncrypted: false"), Fires: res("RDS::DBInstance", "StorageEncrypted: true"),
		QuietBefore: res("RDS::DBInstance", "DBInstanceClass: db.t3.small"), Quiet: res("RDS::DBInstance", "DBInstanceClass: db.t3.large")},
	cloud.DeletionUnguarded: {FiresBefore: resWith("RDS::DBInstance", "DeletionPolicy: Retain", "Engine: mysql"), Fires: res("RDS::DBInstance", "Engine: mysql"),
		QuietBefore: res("RDS::DBInstance", "Engine: mysql"), Quiet: resWith("RDS::DBInstance", "DeletionPolicy: Retain", "Engine: mysql")},
	cloud.RecoveryWeakened: {FiresBefore: res("S3::Bucket", "VersioningConfiguration:", "  Status: Enabled"), Fires: res("S3::Bucket", "VersioningConfiguration:", "  Status: Suspended"),
		QuietBefore: res("S3::Bucket", "VersioningConfiguration:", "  Status: Suspended"), Quiet: res("S3::Bucket", "VersioningConfiguration:", "  Status: Enabled")},
	cloud.DataExpiry: {FiresBefore: res("S3::Bucket", "BucketName: a"), Fires: res("S3::Bucket", "BucketName: a", "LifecycleConfiguration:", "  Rules:", "    - Status: Enabled", "      ExpirationInDays: 7"),
		QuietBefore: res("S3::Bucket", "BucketName: a"), Quiet: res("S3::Bucket", "BucketName: a", "LifecycleConfiguration:", "  Rules:", "    - Status: Enabled", "      AbortIncompleteMultipartUpload: {DaysAfterInitiation: 7}")},
	cloud.EncryptionWeakened: {FiresBefore: res("SQS::Queue", "KmsMasterKeyId: key"), Fires: res("SQS::Queue", "DelaySeconds: 1"),
		QuietBefore: res("SQS::Queue", "KmsMasterKeyId: key"), Quiet: res("SQS::Queue", "KmsMasterKeyId: other")},
	cloud.TLSWeakened: {FiresBefore: res("ElasticLoadBalancingV2::Listener", "Protocol: HTTPS"), Fires: res("ElasticLoadBalancingV2::Listener", "Protocol: HTTP"),
		QuietBefore: res("ElasticLoadBalancingV2::Listener", "Protocol: HTTP"), Quiet: res("ElasticLoadBalancingV2::Listener", "Protocol: HTTPS")},
	cloud.LoggingWeakened: {FiresBefore: res("CloudTrail::Trail", "IsLogging: true"), Fires: res("CloudTrail::Trail", "IsLogging: false"),
		QuietBefore: res("CloudTrail::Trail", "IsLogging: false"), Quiet: res("CloudTrail::Trail", "IsLogging: true")},
	cloud.Exposed: {FiresBefore: res("RDS::DBInstance", "PubliclyAccessible: false"), Fires: res("RDS::DBInstance", "PubliclyAccessible: true"), Quiet: res("RDS::DBInstance", "PubliclyAccessible: false")},
	cloud.IsolationWeakened: {FiresBefore: res("EKS::Cluster", "ResourcesVpcConfig:", "  PublicAccessCidrs: [10.0.0.0/8]"), Fires: res("EKS::Cluster", "ResourcesVpcConfig:", "  SubnetIds: [a]"),
		QuietBefore: res("EKS::Cluster", "ResourcesVpcConfig:", "  PublicAccessCidrs: [10.0.0.0/8]"), Quiet: res("EKS::Cluster", "ResourcesVpcConfig:", "  PublicAccessCidrs: [10.1.0.0/16]")},
	cloud.WorldOpenAdmin:  {Fires: ingress("22", "0.0.0.0/0"), Quiet: ingress("22", "10.0.0.0/8")},
	cloud.WorldOpenPort:   {Fires: ingress("7777", "0.0.0.0/0"), Quiet: ingress("7777", "10.0.0.0/8")},
	cloud.WorldOpenWeb:    {FiresBefore: ingress("443", "10.0.0.0/8"), Fires: ingress("443", "0.0.0.0/0"), Quiet: ingress("443", "10.0.0.0/8")},
	cloud.PolicyAdmin:     {Fires: grant("'*'", "'*'"), Quiet: grant("s3:GetObject", "arn:aws:s3:::site/*")},
	cloud.PolicyWildcard:  {Fires: grant("'s3:*'", "'*'"), Quiet: grant("'s3:*'", "arn:aws:s3:::scratch/*")},
	cloud.PolicySensitive: {Fires: grant("iam:PassRole", "'*'"), Quiet: grant("iam:PassRole", "arn:aws:iam::123456789012:role/app")},
	cloud.PolicyPublic: {Fires: res("SQS::QueuePolicy", "PolicyDocument:", "  Statement:", "    - Effect: Allow", "      Action: sqs:SendMessage", "      Principal: '*'"),
		Quiet: res("SQS::QueuePolicy", "PolicyDocument:", "  Statement:", "    - Effect: Deny", "      Action: sqs:SendMessage", "      Principal: '*'")},
	cloud.TrustWidened: {Fires: trust("AWS: '*'"), Quiet: trust("Service: ec2.amazonaws.com")},
	cloud.RoleBroad: {Fires: res("EKS::AccessEntry", "AccessPolicies:", "  - PolicyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"),
		Quiet: res("EKS::AccessEntry", "AccessPolicies:", "  - PolicyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy")},
	cloud.AuthWeakened: {FiresBefore: res("RDS::DBCluster", "EnableIAMDatabaseAuthentication: true"), Fires: res("RDS::DBCluster", "EnableIAMDatabaseAuthentication: false"),
		QuietBefore: res("RDS::DBCluster", "EnableIAMDatabaseAuthentication: false"), Quiet: res("RDS::DBCluster", "EnableIAMDatabaseAuthentication: true")},
	cloud.Privileged:  {Fires: res("CodeBuild::Project", "Environment:", "  PrivilegedMode: true"), Quiet: res("CodeBuild::Project", "Environment:", "  PrivilegedMode: false")},
	cloud.PlainSecret: {Fires: res("RDS::DBInstance", "MasterUserPassword: hunter2-hunter2"), Quiet: res("RDS::DBInstance", "MasterUserPassword: '{{resolve:secretsmanager:db}}'")},
	cloud.HardeningRemoved: {FiresBefore: res("ECR::Repository", "ImageTagMutability: IMMUTABLE"), Fires: res("ECR::Repository", "ImageTagMutability: MUTABLE"),
		QuietBefore: res("ECR::Repository", "ImageTagMutability: MUTABLE"), Quiet: res("ECR::Repository", "ImageTagMutability: IMMUTABLE")},
}
