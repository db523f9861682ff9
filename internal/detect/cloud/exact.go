package cloud

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// exact names what the words of a name would get wrong or do not say.
var exact = map[string]meaning{
	"ipv4_enabled":                               {class: Exposed, sense: hazard, defaultOn: true},
	"internal_ip_only":                           {class: Exposed, sense: guard},
	"delete_after":                               {class: RecoveryWeakened, sense: amount},
	"local_infile":                               {class: AuthWeakened, sense: hazard},
	"cross db ownership chaining":                {class: AuthWeakened, sense: hazard},
	"contained database authentication":          {class: AuthWeakened, sense: hazard},
	"required_approving_review_count":            {class: AuthWeakened, sense: amount},
	"reject_unsigned_commits":                    {class: AuthWeakened, sense: guard},
	"prevent_secrets":                            {class: HardeningRemoved, sense: guard},
	"disable-legacy-endpoints":                   {class: HardeningRemoved, sense: guard},
	"are_legacy_imds_endpoints_disabled":         {class: HardeningRemoved, sense: guard},
	"protocol-tlsv1":                             {class: TLSWeakened, sense: hazard},
	"protocol-tlsv1.1":                           {class: TLSWeakened, sense: hazard},
	"protocol-sslv3":                             {class: TLSWeakened, sense: hazard},
	"telnet":                                     {class: TLSWeakened, sense: hazard},
	"allocate_public_ip":                         {class: Exposed, sense: hazard},
	"enable_node_public_ip":                      {class: Exposed, sense: hazard},
	"node_public_ip_enabled":                     {class: Exposed, sense: hazard},
	"containerinsights":                          {class: HardeningRemoved, sense: guard},
	"nat":                                        {},
	"cloud_watch_log_group_name":                 {class: LoggingWeakened, sense: guard},
	"client_certificate_config":                  {},
	"issue_client_certificate":                   {class: AuthWeakened, sense: hazard},
	"enable_legacy_abac":                         {class: AuthWeakened, sense: hazard},
	"prevent_destroy":                            {class: DeletionUnguarded, sense: guard},
	"create_before_destroy":                      {},
	"skip_destroy":                               {class: DeletionUnguarded, sense: guard},
	"delete_on_termination":                      {},
	"purge_soft_delete_on_destroy":               {class: RecoveryWeakened, sense: hazard},
	"recover_soft_deleted_key_vaults":            {},
	"prevent_deletion_if_contains_resources":     {class: DeletionUnguarded, sense: guard},
	"disable_on_destroy":                         {},
	"associate_public_ip_address":                {class: Exposed, sense: hazard},
	"map_public_ip_on_launch":                    {class: Exposed, sense: hazard},
	"assign_public_ip":                           {class: Exposed, sense: hazard},
	"public_access_cidrs":                        {class: IsolationWeakened, sense: guard},
	"publicly_accessible":                        {class: Exposed, sense: hazard},
	"publicly_advertisable":                      {},
	"internal":                                   {class: Exposed, sense: guard},
	"private":                                    {class: Exposed, sense: guard},
	"enable_non_ssl_port":                        {class: TLSWeakened, sense: hazard},
	"non_ssl_port_enabled":                       {class: TLSWeakened, sense: hazard},
	"require_ssl":                                {class: TLSWeakened, sense: guard},
	"insecure_ssl":                               {class: TLSWeakened, sense: hazard},
	"insecure_skip_verify":                       {class: TLSWeakened, sense: hazard},
	"skip_verify":                                {class: TLSWeakened, sense: hazard},
	"insecure_value":                             {},
	"enable_logging":                             {class: LoggingWeakened, sense: guard},
	"is_logging":                                 {class: LoggingWeakened, sense: guard},
	"cloud_watch_logs_log_group_arn":             {class: LoggingWeakened, sense: guard},
	"cloudwatch_logs_group_arn":                  {class: LoggingWeakened, sense: guard},
	"cloud_watch_logs_group_arn":                 {class: LoggingWeakened, sense: guard},
	"enable_flow_logs":                           {class: LoggingWeakened, sense: guard},
	"logging_service":                            {class: LoggingWeakened, sense: guard},
	"enable_container_insights":                  {},
	"enable_execute_command":                     {class: Privileged, sense: hazard},
	"ebs_optimized":                              {},
	"enable_network_isolation":                   {class: IsolationWeakened, sense: guard},
	"allow_privilege_escalation":                 {class: Privileged, sense: hazard},
	"default_to_oauth_authentication":            {},
	"automount_service_account_token":            {class: AuthWeakened, sense: hazard},
	"authorization_type":                         {class: AuthWeakened, sense: guard},
	"authorizer":                                 {class: AuthWeakened, sense: guard},
	"default_authorizer":                         {class: AuthWeakened, sense: guard},
	"authorizer_id":                              {class: AuthWeakened, sense: guard},
	"api_key_required":                           {class: AuthWeakened, sense: guard},
	"delete_before_replace":                      {class: HardeningRemoved, sense: hazard},
	"delete_default_routes_on_create":            {},
	"block_project_ssh_keys":                     {class: AuthWeakened, sense: guard},
	"block-project-ssh-keys":                     {class: AuthWeakened, sense: guard},
	"serial-port-enable":                         {class: AuthWeakened, sense: hazard},
	"enable-oslogin":                             {class: AuthWeakened, sense: guard},
	"permitted_public_security_group_rule_range": {},
	"transaction_log_retention_days":             {class: RecoveryWeakened, sense: amount},
	"max_password_age":                           {},
	"description":                                {},
	"copy_tags_to_snapshot":                      {},
	"kms_key_self_link":                          {class: EncryptionWeakened, sense: guard},
	"kms_key_deletion_window_in_days":            {class: RecoveryWeakened, sense: amount},
	"backup_window":                              {},
	"preferred_backup_window":                    {},
	"snapshot_window":                            {},
	"preferred_maintenance_window":               {},
	"maintenance_window":                         {},
	"message_retention_seconds":                  {class: RecoveryWeakened, sense: amount},
	"message_retention_period":                   {class: RecoveryWeakened, sense: amount},
	"tags":                                       {},
	"auth_token":                                 {class: AuthWeakened, sense: guard},
	"user_group_ids":                             {class: AuthWeakened, sense: guard},
	"authorization_scopes":                       {class: AuthWeakened, sense: guard},
	"auth_settings":                              {class: AuthWeakened, sense: guard},
	"auth_settings_v2":                           {class: AuthWeakened, sense: guard},
	"authenticate_oidc":                          {class: AuthWeakened, sense: guard},
	"authenticate_cognito":                       {class: AuthWeakened, sense: guard},
	"iap":                                        {class: AuthWeakened, sense: guard},
	"mutual_authentication":                      {class: AuthWeakened, sense: guard},
	"mutual_tls_authentication":                  {class: AuthWeakened, sense: guard},
	"client_cert_enabled":                        {class: AuthWeakened, sense: guard},
	"ip_restriction":                             {class: IsolationWeakened, sense: guard},
	"scm_ip_restriction":                         {class: IsolationWeakened, sense: guard},
	"allow_external_principals":                  {class: TrustWidened, sense: hazard, defaultOn: true},
	"user_data":                                  {},
	"schema":                                     {},
}

// choices are attributes with a few values, of which some are worse.
type choice struct {
	class Class
	// bad values, lower case; any change to one of them is worse.
	bad []string
	// order, if set, ranks values from weak to strong; falling is worse.
	order []string
	// good values whose removal is worse.
	good []string
	// always means that a bad value is dangerous on a new resource too.
	always bool
	// types limits it to resource types that contain one of these.
	types []string
}

var choices = map[string]choice{
	"acl": {class: Exposed,
		bad: []string{"public-read", "public-read-write", "authenticated-read", "publicread", "publicreadwrite",
			"authenticatedread", "website"}, always: true},
	"access_control":        {class: Exposed, bad: []string{"publicread", "publicreadwrite", "authenticatedread"}, always: true},
	"canned_acl":            {class: Exposed, bad: []string{"public-read", "public-read-write"}, always: true},
	"container_access_type": {class: Exposed, bad: []string{"blob", "container"}, always: true},
	"predefined_acl":        {class: Exposed, bad: []string{"publicread", "publicreadwrite", "authenticatedread"}, always: true},
	"visibility": {class: Exposed, bad: []string{"public"}, always: true,
		types: []string{"repository", "project", "group", "ghcr", "ecr"}},
	"authorization_type": {class: Exposed, bad: []string{"none"}, always: true,
		types: []string{"lambda_function_url", "lambda::url"}},
	"auth_type":     {class: Exposed, bad: []string{"none"}, always: true, types: []string{"lambda", "serverless"}},
	"authorization": {class: AuthWeakened, bad: []string{"none"}},
	"endpoint_type": {class: Exposed, bad: []string{"public"}, good: []string{"vpc", "vpc_endpoint"},
		types: []string{"transfer"}},
	"incoming_traffic_policy": {class: Exposed, bad: []string{"allowalltraffic"}, good: []string{"allowvirtualnetworksonly"}},
	"default_action":          {class: IsolationWeakened, bad: []string{"allow"}, good: []string{"deny"}},
	"shared_accounts":         {class: Exposed, bad: []string{"all"}, always: true},
	"account_ids":             {class: Exposed, bad: []string{"all"}, always: true},
	"access_type": {class: Exposed, bad: []string{"objectread", "objectreadwithoutlist", "public"},
		always: true, types: []string{"bucket"}},
	"container_read": {class: Exposed, bad: []string{".r:*", ".r:*,.rlistings"}, always: true},
	"node_metadata": {class: HardeningRemoved,
		bad:  []string{"expose", "unspecified", "mode_unspecified", "gce_metadata"},
		good: []string{"secure", "gke_metadata_server", "gke_metadata"}},
	"firewall_mode":            {class: HardeningRemoved, bad: []string{"detection"}, good: []string{"prevention"}},
	"waf_mode":                 {class: HardeningRemoved, bad: []string{"detection"}, good: []string{"prevention"}},
	"threat_intel_mode":        {class: HardeningRemoved, order: []string{"off", "alert", "deny"}, good: []string{"deny"}},
	"threat_intelligence_mode": {class: HardeningRemoved, order: []string{"off", "alert", "deny"}, good: []string{"deny"}},
	"tier":                     {class: HardeningRemoved, bad: []string{"free"}, types: []string{"security_center"}},
	"entry_protocol":           {class: TLSWeakened, bad: []string{"http"}, good: []string{"https", "http2"}},
	"allowed_origins":          {class: HardeningRemoved, bad: []string{"*"}},
	"protection_level":         {class: HardeningRemoved, order: []string{"none", "sign", "encryptandsign"}},
	"mode": {class: HardeningRemoved, bad: []string{"detection", "gce_metadata"},
		good: []string{"prevention", "gke_metadata"}},
	"ip_address_type": {class: Exposed, bad: []string{"public"}, good: []string{"private", "none"},
		types: []string{"container_group"}},
	"scopes": {class: RoleBroad,
		bad: []string{"https://www.googleapis.com/auth/cloud-platform", "cloud-platform"}, types: []string{"google_"}},
	"group": {class: Exposed, bad: []string{"all"}, always: true,
		types: []string{"ami", "launch_permission", "snapshot"}},
	"group_names":              {class: Exposed, bad: []string{"all"}, always: true, types: []string{"ami", "launch_permission"}},
	"public_network_access":    {class: Exposed, bad: []string{"enabled"}, good: []string{"disabled", "securedbyperimeter"}},
	"public_access_prevention": {class: Exposed, bad: []string{"inherited"}, good: []string{"enforced"}},
	"network_access_type":      {class: Exposed, bad: []string{"public"}},
	"app_network_access_type":  {class: Exposed, bad: []string{"publicinternetonly"}, good: []string{"vpconly"}},
	"direct_internet_access":   {class: Exposed, bad: []string{"enabled"}, good: []string{"disabled"}},
	"ingress_settings": {class: Exposed, bad: []string{"allow_all"},
		good: []string{"allow_internal_only", "allow_internal_and_gclb"}},
	"scheme":                   {class: Exposed, bad: []string{"internet-facing"}},
	"network_acls_default":     {class: IsolationWeakened, bad: []string{"allow"}},
	"account_replication_type": {class: RecoveryWeakened, order: []string{"lrs", "zrs", "grs", "ragrs", "gzrs", "ragzrs"}},
	"storage_mode_type":        {class: RecoveryWeakened, order: []string{"locallyredundant", "zoneredundant", "georedundant"}},
	"storage_account_type": {class: RecoveryWeakened, order: []string{"local", "zone", "geo"},
		types: []string{"mssql", "sql_database"}},
	"deletion_policy": {class: DeletionUnguarded, bad: []string{"delete"},
		good: []string{"prevent", "abandon", "retain", "snapshot", "retainexceptoncreate"}},
	"update_replace_policy":  {class: DeletionUnguarded, bad: []string{"delete"}, good: []string{"retain", "snapshot"}},
	"viewer_protocol_policy": {class: TLSWeakened, bad: []string{"allow-all"}},
	"origin_protocol_policy": {class: TLSWeakened, bad: []string{"http-only", "match-viewer"}},
	"protocol": {class: TLSWeakened, bad: []string{"http"}, good: []string{"https", "tls"},
		types: []string{"listener", "load_balancer", "loadbalancer", "_lb", "_alb", "target_group", "targetgroup", "forwarding"}},
	"load_balancer_port":       {class: TLSWeakened, bad: []string{"80"}, good: []string{"443"}},
	"protocols":                {class: TLSWeakened, bad: []string{"http"}, good: []string{"https"}},
	"client_broker":            {class: TLSWeakened, order: []string{"plaintext", "tls_plaintext", "tls"}, good: []string{"tls"}},
	"require_secure_transport": {class: TLSWeakened, bad: []string{"off", "false"}, good: []string{"on", "true"}},
	"sslmode": {class: TLSWeakened,
		order: []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
	"ssl_mode": {class: TLSWeakened,
		order: []string{"disable", "allow_unencrypted_and_encrypted", "encrypted_only", "trusted_client_certificate_required"}},
	"ftps_state":             {class: TLSWeakened, bad: []string{"allallowed"}, good: []string{"ftpsonly", "disabled"}},
	"http_tokens":            {class: HardeningRemoved, bad: []string{"optional"}, good: []string{"required"}},
	"instance_metadata_tags": {},
	"image_tag_mutability":   {class: HardeningRemoved, bad: []string{"mutable"}, good: []string{"immutable"}},
	"network_mode":           {class: Privileged, bad: []string{"host"}, always: true},
	"pid_mode":               {class: Privileged, bad: []string{"host"}, always: true},
	"ipc_mode":               {class: Privileged, bad: []string{"host"}, always: true},
	"root_access":            {class: Privileged, bad: []string{"enabled"}, good: []string{"disabled"}},
	"lambda_root_access":     {class: Privileged, bad: []string{"enabled"}},
	"mfa_configuration":      {class: AuthWeakened, order: []string{"off", "optional", "on"}},
	"client_certificate_mode": {class: AuthWeakened, order: []string{"optional", "optionalinteractiveuser", "required"},
		good: []string{"required"}},
	"catalog_encryption_mode":       {class: EncryptionWeakened, bad: []string{"disabled"}},
	"encryption_mode":               {class: EncryptionWeakened, bad: []string{"disabled", "none"}},
	"encryption_type":               {class: EncryptionWeakened, bad: []string{"none"}, good: []string{"kms"}},
	"sse_algorithm":                 {class: EncryptionWeakened, order: []string{"aes256", "aws:kms", "aws:kms:dsse"}},
	"s3_encryption_mode":            {class: EncryptionWeakened, bad: []string{"disabled"}},
	"job_bookmarks_encryption_mode": {class: EncryptionWeakened, bad: []string{"disabled"}},
	"cloudwatch_encryption_mode":    {class: EncryptionWeakened, bad: []string{"disabled"}},
	"log_type":                      {class: LoggingWeakened, good: []string{"audit_logs"}},
	"tracing_config":                {},
	"update_policy":                 {},
}

// choiceOf is what the values of an attribute mean on a type of resource.
func choiceOf(typ, leaf string) (choice, bool) {
	for _, ch := range typedChoices[leaf] {
		if ch.applies(typ) {
			return ch, true
		}
	}
	ch, ok := choices[leaf]
	return ch, ok && ch.applies(typ)
}

// applies says whether the choice is meant for this type of resource.
func (c choice) applies(typ string) bool {
	if len(c.types) == 0 {
		return true
	}
	typ = strings.ToLower(typ)
	for _, t := range c.types {
		if strings.Contains(typ, t) {
			return true
		}
	}
	return false
}

// worse compares two values of a choice; "" is one that is not there.
func (c choice) worse(before, after string) bool {
	before, after = strings.ToLower(before), strings.ToLower(after)
	if before == after {
		return false
	}
	if contains(c.bad, after) {
		return !contains(c.bad, before)
	}
	if after == "" || contains(c.good, before) && after != "" && len(c.order) == 0 {
		return contains(c.good, before) && !contains(c.good, after)
	}
	b, a := indexOf(c.order, before), indexOf(c.order, after)
	return b >= 0 && a >= 0 && a < b && !(before == "zrs" && after == "lrs")
}

func contains(list []string, s string) bool { return indexOf(list, s) >= 0 }

func indexOf(list []string, s string) int {
	for i, v := range list {
		if v == s {
			return i
		}
	}
	return -1
}

// on says that a value switches something on or sets it: true, a name, a
// reference. Off is its opposite; null and nothing are neither.
func on(n *tree.Node) bool {
	if n == nil || n.Kind == tree.Null {
		return false
	}
	return !off(n)
}

func off(n *tree.Node) bool {
	if n == nil {
		return false
	}
	switch n.Kind {
	case tree.List:
		return len(n.Items) == 0
	case tree.Map, tree.Null:
		return false
	}
	switch strings.ToLower(n.Text) {
	case "", "false", "no", "off", "disabled", "disable", "none", "suspended", "0", "null", "inactive", "notrequired",
		"not_required", "unencrypted", "plaintext", "unprotected", "close", "closed", "passthrough", "allow_unencrypted_and_encrypted":
		return true
	}
	return false
}

// switchedOn is narrower than on: the value is written as a yes.
func switchedOn(n *tree.Node) bool {
	switch strings.ToLower(n.Str()) {
	case "true", "yes", "on", "enabled", "enable", "1", "required", "always", "all":
		return n.Tag == ""
	}
	return false
}

// tlsLevel ranks what a version or policy name still accepts: 10 for TLS 1.0
// and older, 11, 12, 13; 0 where it cannot be told.
func tlsLevel(s string) int {
	s = strings.ToLower(s)
	switch {
	case s == "":
		return 0
	case strings.Contains(s, "ssl") && !strings.Contains(s, "tls") && !strings.Contains(s, "sslpolicy") &&
		!strings.Contains(s, "securitypolicy-"):
		return 9
	case s == "compatible", s == "elbsecuritypolicy-2016-08", s == "elbsecuritypolicy-2015-05", s == "tls-1-0-2015-04",
		s == "tlsv1", s == "tlsv1_2016":
		return 10
	case s == "modern", s == "restricted":
		return 12
	}
	for _, date := range []string{"-20", "_20"} { // policies carry the year and month of their making
		s, _, _ = strings.Cut(s, date)
	}
	best := 0
	for _, v := range []string{"1.0", "1_0", "1-0", "10", "1.1", "1_1", "1-1", "11", "1.2", "1_2", "1-2", "12", "1.3", "1_3", "1-3", "13"} {
		i := strings.Index(s, v)
		if i < 0 || i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
			continue
		}
		digits := strings.NewReplacer(".", "", "_", "", "-", "").Replace(v)
		level, err := strconv.Atoi(digits)
		if err == nil && (best == 0 || level < best) {
			best = level
		}
	}
	// "TLS13-1-2" still accepts 1.2; a policy that names 1.2 and 1.0 accepts 1.0.
	return best
}
