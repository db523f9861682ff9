package trust

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxProviderName is how long Google Cloud takes the name of a provider.
const maxProviderName = 32

// mapping is what Google Cloud keeps of a token, so that its log names it.
func (i Identity) mapping() []string {
	out := []string{"google.subject", "assertion.sub", "attribute.credential", "assertion.credential",
		"attribute.repository_id", "assertion.repository_id"}
	if i.Gate {
		out = append(out, "attribute.gate", "assertion.gate", "attribute.verdict", "assertion.verdict")
	}
	return out
}

// cel is the condition of Google Cloud's.
func (i Identity) cel() string {
	terms := []string{"assertion.sub == " + quoted(i.Subject)}
	facts := i.facts()
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		terms = append(terms, "assertion."+name+" == "+quoted(facts[name]))
	}
	if i.Gate {
		terms = append(terms, "has(assertion.gate)")
	}
	return strings.Join(terms, " && ")
}

func gcpTerraform(i Identity) string {
	pairs := i.mapping()
	for n := range pairs {
		pairs[n] = hcl(pairs[n])
	}
	const pool = "google_iam_workload_identity_pool.gatehold"
	return fmt.Sprintf(`
variable "service_account" {
  description = "The service account, as projects/PROJECT/serviceAccounts/EMAIL, that the job acts as."
  type        = string
}

resource "google_iam_workload_identity_pool" "gatehold" {
  workload_identity_pool_id = "gatehold"
}

resource "google_iam_workload_identity_pool_provider" %[1]q {
%[2]s
  attribute_mapping = {
%[3]s  }

  oidc {
%[4]s  }
}

resource "google_service_account_iam_member" %[1]q {
%[5]s}
`, i.label(), assigns("  ", "workload_identity_pool_id", pool+".workload_identity_pool_id",
		"workload_identity_pool_provider_id", hcl(i.name(maxProviderName)), "attribute_condition", hcl(i.cel())),
		assigns("    ", pairs...), assigns("    ", "issuer_uri", hcl(i.Issuer), "allowed_audiences", "["+hcl(i.Audience)+"]"),
		assigns("  ", "service_account_id", "var.service_account", "role", hcl("roles/iam.workloadIdentityUser"),
			"member", `"principal://iam.googleapis.com/${`+pool+`.name}/subject/`+strings.TrimPrefix(hcl(i.Subject), `"`)))
}

func gcpCLI(i Identity) string {
	var pairs []string
	for n, all := 0, i.mapping(); n < len(all); n += 2 {
		pairs = append(pairs, all[n]+"="+all[n+1])
	}
	return fmt.Sprintf(`
: "${PROJECT_NUMBER:?is the number of the project}" "${SERVICE_ACCOUNT:?is the address of the service account that the job acts as}"
gcloud iam workload-identity-pools create gatehold --location=global
gcloud iam workload-identity-pools providers create-oidc %s --location=global --workload-identity-pool=gatehold \
  --issuer-uri=%s --allowed-audiences=%s \
  --attribute-mapping=%s \
  --attribute-condition=%s
gcloud iam service-accounts add-iam-policy-binding "$SERVICE_ACCOUNT" --role=roles/iam.workloadIdentityUser \
  --member="principal://iam.googleapis.com/projects/$PROJECT_NUMBER/locations/global/workloadIdentityPools/gatehold/subject/"%s
`, shell(i.name(maxProviderName)), shell(i.Issuer), shell(i.Audience), shell(strings.Join(pairs, ",")), shell(i.cel()), shell(i.Subject))
}

func azureTerraform(i Identity) string {
	return fmt.Sprintf(`
variable "application_id" {
  description = "The application, as /applications/OBJECT_ID, that the job acts as."
  type        = string
}

resource "azuread_application_federated_identity_credential" %q {
%s}
`, i.label(), assigns("  ", "application_id", "var.application_id", "display_name", hcl(i.name(120)),
		"issuer", hcl(i.Issuer), "subject", hcl(i.Subject), "audiences", "["+hcl(i.Audience)+"]"))
}

func azureCLI(i Identity) string {
	return fmt.Sprintf(`
: "${APP_ID:?is the id of the application that the job acts as}"
az ad app federated-credential create --id "$APP_ID" --parameters %s
`, shell(document(map[string]any{
		"name": i.name(120), "issuer": i.Issuer, "subject": i.Subject, "audiences": []string{i.Audience},
	})))
}

// vaultTime is how long a token of Vault's is good for, in seconds: not longer than the
// identity that it was given for.
const vaultTime = 900

func vaultTerraform(i Identity) string {
	var bound []string
	facts := i.facts()
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		bound = append(bound, name, hcl(facts[name]))
	}
	return fmt.Sprintf(`
resource "vault_jwt_auth_backend" "gatehold" {
%s}

resource "vault_jwt_auth_backend_role" %q {
%s
  bound_claims = {
%s  }

  claim_mappings = {
%s  }
}
`, assigns("  ", "path", hcl("gatehold"), "oidc_discovery_url", hcl(i.Issuer), "bound_issuer", hcl(i.Issuer)), i.label(),
		assigns("  ", "backend", "vault_jwt_auth_backend.gatehold.path", "role_name", hcl(i.Credential), "role_type", hcl("jwt"),
			"bound_audiences", "["+hcl(i.Audience)+"]", "bound_subject", hcl(i.Subject), "user_claim", hcl("sub"),
			"token_policies", "["+hcl(i.name(128))+"]", "token_ttl", fmt.Sprint(vaultTime), "token_max_ttl", fmt.Sprint(vaultTime)),
		assigns("    ", bound...), assigns("    ", i.mapped()...))
}

// mapped is what Vault keeps of a token, so that its log names it: it refuses one that
// lacks any of that.
func (i Identity) mapped() []string {
	out := []string{"repository", hcl("repository")}
	if i.Gate {
		out = append(out, "gate", hcl("gate"), "verdict", hcl("verdict"))
	}
	return out
}

func vaultCLI(i Identity) string {
	mapped := map[string]string{"repository": "repository"}
	if i.Gate {
		mapped["gate"], mapped["verdict"] = "gate", "verdict"
	}
	return fmt.Sprintf(`
vault auth enable -path=gatehold jwt
vault write auth/gatehold/config oidc_discovery_url=%[1]s bound_issuer=%[1]s
vault write auth/gatehold/role/%[2]s - <<'ROLE'
%[3]s
ROLE
`, shell(i.Issuer), i.Credential, document(map[string]any{
		"role_type": "jwt", "bound_audiences": []string{i.Audience}, "bound_subject": i.Subject, "bound_claims": i.facts(), "user_claim": "sub",
		"claim_mappings": mapped, "token_policies": []string{i.name(128)}, "token_ttl": vaultTime, "token_max_ttl": vaultTime,
	}))
}
