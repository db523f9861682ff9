package cloud

import "strings"

// sensitiveAction says what an AWS action gives beyond its own service when it
// is allowed on every resource: credentials, permissions, or the data itself.
// The families are those of AWS's own access levels and of published work on
// privilege escalation: https://github.com/salesforce/cloudsplaining
func sensitiveAction(service, verb string) string {
	action := service + ":" + verb
	switch {
	case credentialActions[action]:
		return "hands out credentials"
	case dataActions[action]:
		return "reads data or secrets anywhere"
	case escalationActions[action]:
		return "lets its holder gain more"
	case permissionVerb(service, verb):
		return "manages permissions"
	}
	return ""
}

var credentialActions = set(`chime:createapikey codepipeline:pollforjobs cognito-identity:getopenidtoken
cognito-identity:getopenidtokenfordeveloperidentity cognito-identity:getcredentialsforidentity connect:getfederationtoken
connect:getfederationtokens ec2:getpassworddata gamelift:requestuploadcredentials iam:createaccesskey
iam:createloginprofile iam:createservicespecificcredential iam:resetservicespecificcredential iam:updateaccesskey iam:updateloginprofile
lightsail:getinstanceaccessdetails lightsail:getrelationaldatabasemasteruserpassword rds-db:connect redshift:getclustercredentials
sso:getrolecredentials mediapackage:rotatechannelcredentials mediapackage:rotateingestendpointcredentials sts:assumerole
sts:assumerolewithsaml sts:assumerolewithwebidentity sts:getfederationtoken sts:getsessiontoken redshift:getclustercredentialswithiam
`)

var dataActions = set(`s3:getobject ssm:getparameter ssm:getparameters ssm:getparametersbypath secretsmanager:getsecretvalue
rds:copydbsnapshot rds:createdbsnapshot dynamodb:exporttabletopointintime`)

var escalationActions = set(`iam:passrole iam:addusertogroup iam:attachgrouppolicy iam:attachrolepolicy iam:attachuserpolicy
iam:putgrouppolicy iam:putrolepolicy iam:putuserpolicy iam:createpolicyversion iam:setdefaultpolicyversion iam:updateassumerolepolicy
iam:deleterolepermissionsboundary iam:deleteuserpermissionsboundary glue:updatedevendpoint
 cloudformation:setstackpolicy datapipeline:putpipelinedefinition kms:putkeypolicy kms:creategrant
organizations:leaveorganization organizations:detachpolicy sts:setsourceidentity cloudtrail:stoplogging cloudtrail:deletetrail`)

// destroysData says whether an action deletes what keeps data, with no way back
// for who holds it.
func destroysData(service, verb string) bool {
	rest, ok := strings.CutPrefix(verb, "delete")
	if !ok {
		rest, ok = strings.CutPrefix(verb, "terminate")
	}
	switch service {
	case "rds", "redshift", "docdb", "neptune", "elasticache", "memorydb", "dynamodb", "efs", "elasticfilesystem", "fsx", "backup",
		"timestream", "qldb", "es", "opensearch", "kafka", "glacier", "cassandra":
		return ok && !strings.Contains(rest, "parameter") && !strings.Contains(rest, "subnet") && !strings.Contains(rest, "tag") &&
			!strings.Contains(rest, "subscription") && !strings.Contains(rest, "proxy")
	case "s3":
		return verb == "deletebucket" || verb == "deleteobjectversion"
	case "secretsmanager":
		return verb == "deletesecret"
	case "kms":
		return verb == "schedulekeydeletion"
	case "ec2":
		return verb == "deletevolume" || verb == "deletesnapshot"
	case "ecr":
		return verb == "deleterepository"
	case "organizations":
		return verb == "closeaccount"
	case "cloudformation":
		return verb == "deletestack"
	}
	return false
}

// permissionVerb recognises actions of the access level "Permissions
// management": policies, grants and access points of any service.
func permissionVerb(service, verb string) bool {
	for _, p := range []string{"put", "set", "delete", "attach", "detach", "create", "update", "add", "remove", "modify",
		"revoke", "grant"} {
		rest, ok := strings.CutPrefix(verb, p)
		if !ok {
			continue
		}
		if service == "iam" {
			return strings.Contains(rest, "policy") || strings.Contains(rest, "role") || strings.Contains(rest, "user") ||
				strings.Contains(rest, "group") ||
				strings.Contains(rest, "boundary") || strings.Contains(rest, "samlprovider") ||
				strings.Contains(rest, "openidconnect") || strings.Contains(rest, "mfa")
		}
		switch rest {
		case "bucketpolicy", "bucketacl", "objectacl", "objectversionacl", "accountpublicaccessblock",
			"bucketpublicaccessblock", "accesspointpolicy",
			"resourcepolicy", "repositorypolicy", "keypolicy", "permission", "permissions", "policy", "snapshotattribute",
			"imageattribute", "layerversionpermission",
			"layerpermission", "grant", "accesspoint", "vpcendpointservicepermissions", "resourceshare", "registrypolicy",
			"clusterpolicy", "dbsnapshotattribute",
			"dbclustersnapshotattribute", "grants", "accesspolicy", "bucketownershipcontrols":
			return service != "autoscaling" && service != "application-autoscaling"
		}
	}
	return false
}

// writes says whether an action changes resources of a service. What every
// workload does for its own logs and measures does not count.
func writes(service, verb string) bool {
	switch service {
	case "logs", "cloudwatch", "xray", "ec2messages", "ssmmessages", "ecr", "ssm":
		return false
	}
	if strings.Contains(verb, "networkinterface") || strings.Contains(verb, "tags") {
		return false
	}
	for _, p := range []string{"create", "delete", "put", "update", "modify", "terminate", "remove", "run", "attach", "detach"} {
		if strings.HasPrefix(verb, p) {
			return true
		}
	}
	return false
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// adminPolicies are managed policies that give all or nearly all.
var adminPolicies = set(`administratoraccess iamfullaccess poweruseraccess administratoraccess-amplify
	administratoraccess-awselasticbeanstalk awsorganizationsfullaccess awskeymanagementservicepoweruser secretsmanagerreadwrite
	systemadministrator databaseadministrator networkadministrator`)

// managedPolicy says how wide an AWS managed policy is: 2 for administrators',
// 1 for full access to a service, 0 for the rest.
func managedPolicy(arn string) int {
	name := strings.ToLower(arn[strings.LastIndexByte(arn, '/')+1:])
	switch {
	case !strings.Contains(arn, ":iam::aws:policy/") && !strings.HasPrefix(arn, "arn:aws-") && arn != "AdministratorAccess":
		return 0
	case adminPolicies[name]:
		return 2
	case strings.HasSuffix(name, "fullaccess") || strings.HasSuffix(name, "fullaccess_v2"):
		return 1
	}
	return 0
}
