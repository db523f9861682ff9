package cloud

import (
	"cmp"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// grants reads the resources that give roles: managed policies on AWS, IAM
// members and bindings on Google Cloud, role assignments and definitions on Azure.
func grants(r *Resource) []issue {
	t := normalType(r.Type)
	var out []issue
	add := func(c Class, key, detail string, at *tree.Node) {
		line := at.At()
		if line == 0 {
			line = r.Line
		}
		out = append(out, issue{class: c, key: "grant:" + key, detail: detail, line: line})
	}
	switch {
	case strings.HasSuffix(t, "iam_custom_role"):
		customRole(r, add)
	case givesOnGoogle(r, t):
		googleGrants(r, t, add)
	case strings.HasPrefix(t, "google_bigquery_dataset"):
		datasetGrants(r, add)
	case strings.HasPrefix(t, "azurerm_role_"):
		azureGrants(r, add)
	case strings.HasPrefix(t, "azuread_directory_role"):
		if n := r.Body.Get("display_name"); strings.Contains(strings.ToLower(n.Str()), "administrator") {
			add(RoleBroad, "directory", "gives the directory role "+clip(n.Str()), n)
		}
	case strings.HasPrefix(t, "kubernetes_"):
		kubernetesGrants(r, t, add)
	case t == "aws_iam_access_key" && strings.EqualFold(r.Body.Get("user").Str(), "root"):
		add(PolicyAdmin, "rootkey", "an access key of the root user", r.Body.Get("user"))
	}
	if strings.HasSuffix(t, "permission") {
		permission(r, add)
	}
	if strings.HasPrefix(t, "aws_") || strings.HasPrefix(t, "module") {
		managedGrants(r, add)
	}
	return out
}

// givesOnGoogle says whether a resource gives roles to members.
func givesOnGoogle(r *Resource, t string) bool {
	return strings.HasPrefix(t, "google_") && (strings.Contains(t, "_iam_") || strings.HasSuffix(t, "_access_control") ||
		strings.HasSuffix(t, "_acl")) || r.Type == "data.google_iam_policy"
}

// permission reads one that is for everybody.
func permission(r *Resource, add adder) {
	if n := r.Body.Get("principal"); n.Str() == "*" && !limited(r.Body) {
		add(PolicyPublic, "principal", "every account may "+cmp.Or(clip(r.Body.Get("action").Str()), "use it"), n)
	}
}

// limited says whether a permission for everybody asks for more.
func limited(body *tree.Node) bool {
	for _, key := range []string{"organization_id", "principal_org_id", "principal_organization_id", "condition", "source_account"} {
		if n := body.Get(key); n != nil && n.Kind != tree.Null {
			return true
		}
	}
	return false
}

type adder func(c Class, key, detail string, at *tree.Node)

func managedGrants(r *Resource, add adder) {
	for _, key := range []string{"policy_arn", "policy_arns", "managed_policy_arns", "managed_policy_arn",
		"permission_policy_arn", "policies", "role_policy_arns"} {
		nodes := r.Body.Get(key).Each()
		for _, entry := range r.Body.Get("access_policies").Each() {
			nodes = append(nodes, entry.Get(key).Each()...)
		}
		for _, n := range nodes {
			if strings.Contains(n.Str(), "AmazonEKSClusterAdminPolicy") {
				add(RoleBroad, n.Str(), "attaches "+clip(n.Str()), n)
			}
			switch managedPolicy(n.Str()) {
			case 2:
				add(PolicyAdmin, n.Str(), "attaches "+clip(n.Str()), n)
			case 1:
				add(PolicyWildcard, n.Str(), "attaches "+clip(n.Str()), n)
			}
		}
	}
}

// googleGrants reads members and roles. The reach of a role is by where it is
// given: on one bucket "admin" is ordinary, on a project or above it is not.
func googleGrants(r *Resource, t string, add adder) {
	wide := strings.Contains(t, "_project_") || strings.Contains(t, "_folder_") || strings.Contains(t, "_organization_") ||
		strings.HasPrefix(r.Type, "data.")
	bindings := append([]*tree.Node{r.Body}, r.Body.Get("binding").Each()...)
	for _, b := range bindings {
		role := b.Get("role")
		members := append(append([]*tree.Node{}, b.Get("member").Each()...), b.Get("members").Each()...)
		members = append(members, b.Get("entity").Each()...)
		members = append(members, b.Get("role_entity").Each()...)
		for _, m := range members {
			switch s := strings.ToLower(m.Str()); {
			case strings.Contains(s, "allusers") || strings.Contains(s, "allauthenticatedusers"):
				add(PolicyPublic, "public:"+role.Str(), "gives "+roleName(role)+" to everyone", m)
			case wide && (strings.HasSuffix(s, "-compute@developer.gserviceaccount.com") ||
				strings.HasSuffix(s, "@appspot.gserviceaccount.com")):
				add(RoleBroad, "default:"+s, "gives "+roleName(role)+" to a default service account", m)
			}
		}
		if !wide {
			continue
		}
		switch name := role.Str(); name {
		case "roles/owner", "roles/editor", "roles/resourcemanager.organizationAdmin", "roles/iam.securityAdmin",
			"roles/iam.organizationRoleAdmin":
			for _, m := range members { // each of them is one more
				add(PolicyAdmin, "role:"+name+":"+m.Str(), "gives "+name, m)
			}
			if len(members) == 0 {
				add(PolicyAdmin, "role:"+name, "gives "+name, role)
			}
		case "roles/viewer", "roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator",
			"roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountKeyAdmin",
			"roles/iam.workloadIdentityUser", "roles/resourcemanager.projectIamAdmin", "roles/iam.workloadIdentityPoolAdmin",
			"roles/secretmanager.secretAccessor",
			"roles/cloudbuild.builds.editor", "roles/deploymentmanager.editor":
			add(RoleBroad, "role:"+name, "gives "+name+" on everything below", role)
		default:
			if strings.HasSuffix(strings.ToLower(name), "admin") {
				add(RoleBroad, "role:"+name, "gives "+name+" on everything below", role)
			}
		}
	}
}

// customRole reads what a role of one's own on Google Cloud may do: hand out
// rights or credentials, or read secrets.
// https://cloud.google.com/iam/docs/service-account-permissions
func customRole(r *Resource, add adder) {
	for _, p := range r.Body.Get("permissions").Each() {
		switch s := strings.ToLower(p.Str()); {
		case strings.HasSuffix(s, ".setiampolicy"), s == "iam.serviceaccounts.actas", s == "iam.serviceaccounts.getaccesstoken",
			s == "iam.serviceaccounts.signblob", s == "iam.serviceaccounts.signjwt", s == "iam.serviceaccounts.implicitdelegation",
			s == "iam.serviceaccountkeys.create", s == "iam.roles.update", s == "deploymentmanager.deployments.create",
			s == "secretmanager.versions.access", s == "orgpolicy.policy.set", s == "resourcemanager.projects.delete":
			add(PolicySensitive, "permission:"+s, "the role may "+clip(p.Str()), p)
		}
	}
}

func roleName(n *tree.Node) string {
	if n.Str() == "" {
		return "access"
	}
	return clip(n.Str())
}

// datasetGrants: an access block that names nobody is open to all.
func datasetGrants(r *Resource, add adder) {
	blocks := r.Body.Get("access").Each()
	if strings.HasSuffix(r.Type, "_access") {
		blocks = append(blocks, r.Body)
	}
	for _, b := range blocks {
		group := b.Get("special_group")
		if strings.EqualFold(group.Str(), "allAuthenticatedUsers") || strings.EqualFold(b.Get("iam_member").Str(), "allUsers") {
			add(PolicyPublic, "dataset", "gives the dataset to everyone", b)
			continue
		}
		named := false
		for _, key := range []string{"special_group", "user_by_email", "group_by_email", "domain", "view", "routine", "dataset",
			"iam_member"} {
			named = named || b.Has(key)
		}
		if !named && b.Has("role") {
			add(PolicyPublic, "dataset", "access to the dataset names nobody, so it is open", b)
		}
	}
}

func azureGrants(r *Resource, add adder) {
	if name := r.Body.Get("role_definition_name"); name != nil {
		switch strings.ToLower(name.Str()) {
		case "owner", "user access administrator", "role based access control administrator":
			add(PolicyAdmin, name.Str(), "gives the role "+name.Str(), name)
		case "contributor", "key vault administrator", "storage blob data owner", "virtual machine contributor":
			add(RoleBroad, name.Str(), "gives the role "+name.Str(), name)
		}
	}
	for _, s := range r.Body.Get("assignable_scopes").Each() {
		if s.Str() == "/" {
			add(RoleBroad, "scope", "the role can be given anywhere", s)
		}
	}
	for _, p := range r.Body.Get("permissions").Each() {
		for _, a := range p.Get("actions").Each() {
			switch s := strings.ToLower(a.Str()); {
			case s == "*":
				add(PolicyAdmin, "action:*", "the role allows every action", a)
			case strings.HasPrefix(s, "microsoft.authorization/") && (strings.HasSuffix(s, "*") || strings.HasSuffix(s, "/write")):
				add(PolicyAdmin, "action:"+s, "the role may give roles: "+clip(a.Str()), a)
			case strings.HasSuffix(s, "/*") && strings.Count(s, "/") == 1:
				add(PolicyWildcard, "action:"+s, "the role allows "+clip(a.Str()), a)
			}
		}
	}
}

// kubernetesGrants reads roles that are declared through Terraform.
func kubernetesGrants(r *Resource, t string, add adder) {
	if strings.Contains(t, "role_binding") {
		if n := r.Body.Get("role_ref").Each(); len(n) > 0 && n[0].Get("name").Str() == "cluster-admin" {
			add(PolicyAdmin, "cluster-admin", "binds cluster-admin", n[0])
		}
		return
	}
	for _, rule := range r.Body.Get("rule").Each() {
		for _, key := range []string{"verbs", "resources", "api_groups"} {
			if contains(rule.Get(key).Strings(), "*") {
				add(PolicyWildcard, "rule:"+key, "the role allows all "+strings.ReplaceAll(key, "_", " "), rule.Get(key))
			}
		}
	}
}

// federations reads who may come in with a token of another issuer, outside
// of AWS policies.
func federations(r *Resource) []issue {
	var out []issue
	switch t := normalType(r.Type); {
	case strings.HasPrefix(t, "azuread_application_federated_identity") || strings.HasPrefix(t, "azurerm_federated_identity"):
		if !strings.Contains(r.Body.Get("issuer").Str(), "token.actions.githubusercontent.com") {
			return nil
		}
		if why := weakSubject(r.Body.Get("subject").Strings()); why != "" {
			out = append(out, issue{class: TrustWidened, key: "federation", detail: "GitHub workflows may sign in: " + why, line: r.Line})
		}
	case strings.HasSuffix(t, "workload_identity_pool_provider"):
		cond := r.Body.Get("attribute_condition")
		issuer := r.Body.Get("oidc", "0", "issuer_uri").Str()
		if !strings.Contains(issuer, "token.actions.githubusercontent.com") {
			return nil
		}
		if cond.Str() == "" {
			out = append(out, issue{class: TrustWidened, key: "federation",
				detail: "any repository on GitHub may sign in: no attribute_condition", line: r.Line})
			return out
		}
		if why := weakCondition(cond.Str()); why != "" {
			out = append(out, issue{class: TrustWidened, key: "federation", detail: "GitHub workflows may sign in: " + why,
				line: cond.Line})
		}
	}
	return out
}

// weakCondition reads a CEL condition for what it asks of the subject.
func weakCondition(cond string) string {
	if strings.Contains(cond, "repository") || strings.Contains(cond, "attribute.") {
		return ""
	}
	_, rest, ok := strings.Cut(cond, ".sub")
	if !ok {
		return ""
	}
	i := strings.IndexAny(rest, `'"`)
	if i < 0 {
		return ""
	}
	subject := rest[i+1:]
	if j := strings.IndexByte(subject, rest[i]); j >= 0 {
		subject = subject[:j]
	}
	return weakSubject([]string{subject})
}

// weakSubject says what is wrong with the subjects asked of GitHub's tokens.
// A subject has to name the owner's repository first: every other claim can be
// made in anybody's repository.
// https://docs.github.com/en/actions/reference/security/oidc
func weakSubject(subjects []string) string {
	if len(subjects) == 0 {
		return "the subject is not asked for"
	}
	for _, s := range subjects {
		if strings.Contains(s, "${") {
			continue
		}
		rest, ok := strings.CutPrefix(s, "repo:")
		owner, repo, slash := strings.Cut(rest, "/")
		switch {
		case s == "*" || s == "":
			return "any subject is taken"
		case !ok:
			return "the subject " + clip(s) + " does not begin with a repository"
		case !slash && strings.HasSuffix(owner, "*"), strings.ContainsAny(owner, "*?"), owner == "", repo == "":
			return "the subject " + clip(s) + " fits repositories of others"
		case strings.ContainsAny(strings.SplitN(repo, ":", 2)[0], "*?"):
			return "the subject " + clip(s) + " fits other repositories of its owner"
		}
	}
	return ""
}

// broadSubject says that every repository of an owner is taken: less than was
// asked where one repository was named.
func broadSubject(subjects []string) string {
	for _, s := range subjects {
		rest, ok := strings.CutPrefix(s, "repo:")
		owner, repo, slash := strings.Cut(rest, "/")
		if ok && slash && !strings.Contains(s, "${") && strings.HasPrefix(repo, "*") {
			return "every repository of " + owner
		}
	}
	return ""
}
