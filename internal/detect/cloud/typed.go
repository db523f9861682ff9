package cloud

import "strings"

// typedChoices are choices of attributes that mean something else on other
// types of resources; they come before those of choices.
var typedChoices = map[string][]choice{
	"authorization_type": {{class: AuthWeakened, bad: []string{"none"},
		good:  []string{"jwt", "aws_iam", "custom", "cognito_user_pools", "request", "iam"},
		types: []string{"api_gateway", "apigateway"}}},
	"authentication_type": {{class: AuthWeakened, bad: []string{"none", "api_key"},
		good:  []string{"aws_iam", "amazon_cognito_user_pools", "openid_connect", "aws_lambda"},
		types: []string{"appsync"}}},
	"ingress": {{class: Exposed, bad: []string{"ingress_traffic_all", "all"},
		good: []string{"ingress_traffic_internal_only", "ingress_traffic_internal_load_balancer", "internal",
			"internal-and-cloud-load-balancing"},
		types: []string{"cloud_run"}}},
	"access": {{class: IsolationWeakened, bad: []string{"allow"}, good: []string{"deny"},
		types: []string{"network_security_rule"}}},
	"decision": {{class: AuthWeakened, bad: []string{"bypass"}, good: []string{"allow", "deny", "non_identity"},
		types: []string{"access_policy", "access_application"}}},
	"enroll": {{class: AuthWeakened, bad: []string{"not_allowed", "optional"},
		good: []string{"required"}, types: []string{"okta_policy_mfa"}}},
	"ip_restriction_default_action": {{class: IsolationWeakened, bad: []string{"allow"}, good: []string{"deny"}}},
}

// typedMeaning is what an attribute means on some types only.
type typedMeaning struct {
	types string // a part of the type
	path  string // the end of its path
	means meaning
}

// Who runs as nobody in particular on Google Cloud runs as a default account,
// which may edit the project.
var typedMeanings = []typedMeaning{
	{"google_", "service_account.email", meaning{class: RoleBroad, sense: guard}},
	{"google_cloud_run", "service_account", meaning{class: RoleBroad, sense: guard}},
	{"google_cloud_run", "service_account_name", meaning{class: RoleBroad, sense: guard}},
	{"google_cloudfunctions", "service_account_email", meaning{class: RoleBroad, sense: guard}},
	{"google_cloudfunctions", "service_config.service_account_email", meaning{class: RoleBroad, sense: guard}},
	{"google_dataflow", "service_account_email", meaning{class: RoleBroad, sense: guard}},
	{"google_container", "node_config.service_account", meaning{class: RoleBroad, sense: guard}},
	{"google_notebooks", "service_account", meaning{class: RoleBroad, sense: guard}},
	{"google_composer", "node_config.service_account", meaning{class: RoleBroad, sense: guard}},
	{"google_app_engine", "service_account", meaning{class: RoleBroad, sense: guard}},
	{"domain", "auto_renew", meaning{class: DeletionUnguarded, sense: guard}},
	{"domain", "transfer_lock", meaning{class: DeletionUnguarded, sense: guard}},
	{"redshift_cluster", "publicly_accessible", meaning{class: Exposed, sense: hazard, defaultOn: true}},
	{"eks_cluster", "endpoint_public_access", meaning{class: Exposed, sense: hazard, defaultOn: true}},
}

// typedOf finds what the type of a resource says of the attribute at path.
func typedOf(typ string, path []string) (meaning, bool) {
	leaf := leafOf(path)
	for i := range typedMeanings {
		m := &typedMeanings[i]
		if !strings.HasSuffix(m.path, leaf) || !strings.Contains(strings.ToLower(typ), m.types) {
			continue
		}
		if at := strings.Join(path, "."); at == m.path || strings.HasSuffix(at, "."+m.path) {
			return m.means, true
		}
	}
	return meaning{}, false
}
