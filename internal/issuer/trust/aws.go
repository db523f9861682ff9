package trust

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// AWS compares aud and sub of an issuer that it does not know by itself; anything else it
// takes from session tags.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
var awsActions = []string{"sts:AssumeRoleWithWebIdentity", "sts:TagSession"}

// maxRoleName is how long AWS takes the name of a role.
const maxRoleName = 64

// host is how AWS names the issuer in conditions: its address without the scheme.
func (i Identity) host() string { return i.Issuer[strings.Index(i.Issuer, "://")+3:] }

// condition is one of an IAM policy.
type condition struct{ test, key, value string }

func (i Identity) conditions() []condition {
	out := []condition{
		{"StringEquals", i.host() + ":aud", i.Audience},
		{"StringEquals", i.host() + ":sub", i.Subject},
	}
	facts := i.facts()
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		out = append(out, condition{"StringEquals", "aws:RequestTag/" + name, facts[name]})
	}
	if i.Gate {
		out = append(out, condition{"Null", "aws:RequestTag/gate", "false"})
	}
	return out
}

func (i Identity) policy(federated any) map[string]any {
	tests := map[string]map[string]string{}
	for _, c := range i.conditions() {
		if tests[c.test] == nil {
			tests[c.test] = map[string]string{}
		}
		tests[c.test][c.key] = c.value
	}
	return map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Federated": federated}, "Action": awsActions, "Condition": tests,
	}}}
}

func awsTerraform(i Identity) string {
	var b strings.Builder
	fmt.Fprintf(&b, `
resource "aws_iam_openid_connect_provider" "gatehold" {
%s}

data "aws_iam_policy_document" %q {
  statement {
    actions = [%s, %s]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.gatehold.arn]
    }
`, assigns("  ", "url", hcl(i.Issuer), "client_id_list", "["+hcl(i.Audience)+"]"), i.label(), hcl(awsActions[0]), hcl(awsActions[1]))
	for _, c := range i.conditions() {
		fmt.Fprintf(&b, "\n    condition {\n%s    }\n",
			assigns("      ", "test", hcl(c.test), "variable", hcl(c.key), "values", "["+hcl(c.value)+"]"))
	}
	fmt.Fprintf(&b, `  }
}

resource "aws_iam_role" %q {
%s}
`, i.label(), assigns("  ", "name", hcl(i.name(maxRoleName)), "assume_role_policy", "data.aws_iam_policy_document."+i.label()+".json",
		"max_session_duration", "3600"))
	return b.String()
}

func awsCLI(i Identity) string {
	arn := "arn:aws:iam::ACCOUNT_ID:oidc-provider/" + i.host()
	return fmt.Sprintf(`
ACCOUNT_ID="$(aws sts get-caller-identity --query Account --output text)"
aws iam create-open-id-connect-provider --url %s --client-id-list %s
aws iam create-role --role-name %s --assume-role-policy-document "$(sed "s/arn:aws:iam::ACCOUNT_ID:/arn:aws:iam::$ACCOUNT_ID:/" <<'POLICY'
%s
POLICY
)"
`, shell(i.Issuer), shell(i.Audience), shell(i.name(maxRoleName)), document(i.policy(arn)))
}

func awsCloudFormation(i Identity) string {
	return document(map[string]any{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Resources": map[string]any{
			"GateholdIssuer": map[string]any{"Type": "AWS::IAM::OIDCProvider", "Properties": map[string]any{
				"Url": i.Issuer, "ClientIdList": []string{i.Audience},
			}},
			"GateholdRole": map[string]any{"Type": "AWS::IAM::Role", "Properties": map[string]any{
				"RoleName": i.name(maxRoleName), "MaxSessionDuration": 3600,
				"AssumeRolePolicyDocument": i.policy(map[string]string{"Ref": "GateholdIssuer"}),
			}},
		},
	}) + "\n"
}
