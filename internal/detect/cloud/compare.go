package cloud

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// comparison walks two bodies of one resource side by side.
type comparison struct {
	before, after *Resource
	add           func(c Class, line int, removed bool, detail string)
}

// nodes compares the values at path. Policy documents and the openings of
// firewalls are left to those who read them whole.
func (c *comparison) nodes(path []string, b, a *tree.Node) {
	if tree.Equal(b, a) || ownReader(path) && !(leafOf(path) == "ingress" && oneValue(b) && oneValue(a)) {
		return
	}
	b, a = document(b), document(a)
	switch {
	case isPolicy(b) || isPolicy(a):
		return
	case b == nil || b.Kind == tree.Null:
		c.appeared(path, a)
	case a == nil || a.Kind == tree.Null:
		c.vanished(path, b)
	case b.Kind == tree.Map && a.Kind == tree.Map:
		c.maps(path, b, a)
	case b.Kind == tree.Scalar && a.Kind == tree.Scalar:
		c.scalars(path, b, a)
	case listOfScalars(b) && listOfScalars(a):
		c.valueLists(path, b, a)
	case b.Kind == tree.List || a.Kind == tree.List:
		c.lists(path, b.Each(), a.Each(), b, a)
	default: // a value became a block, or a block a value
		c.vanished(path, b)
		c.appeared(path, a)
	}
}

// oneValue says that a setting is a word, or not there.
func oneValue(n *tree.Node) bool { return n == nil || n.Kind == tree.Scalar }

func (c *comparison) maps(path []string, b, a *tree.Node) {
	setting := b.Get("name").Str() // {name = "log_connections", value = "on"} is a setting of that name
	if setting != a.Get("name").Str() {
		setting = ""
	}
	for _, f := range b.Fields {
		if f.Key == "value" && setting != "" {
			path := append(path, strings.ToLower(setting))
			c.nodes(path, f.Value, a.Get("value"))
			continue
		}
		c.nodes(append(path, f.Key), f.Value, sibling(b, a, f.Key))
	}
	for _, f := range a.Fields {
		if !b.Has(f.Key) {
			c.nodes(append(path, f.Key), nil, f.Value)
		}
	}
}

// sibling is a's value for a key of b; where only an old name of the same
// setting is gone, the new name's value.
func sibling(b, a *tree.Node, key string) *tree.Node {
	if n := a.Get(key); n != nil {
		return n
	}
	for _, alias := range [][2]string{
		{"enable_host_encryption", "host_encryption_enabled"}, {"enable_https_traffic_only", "https_traffic_only_enabled"},
		{"enable_non_ssl_port", "non_ssl_port_enabled"}, {"allow_blob_public_access", "allow_nested_items_to_be_public"},
		{"private", "visibility"}, {"enable_rbac_authorization", "rbac_authorization_enabled"},
		{"enable_auto_scaling", "auto_scaling_enabled"}, {"retention_policy", "retention_policy_in_days"},
		{"kms_key_id", "kms_key_arn"}, {"logging", "logging_config"},
	} {
		for i := range 2 {
			if alias[i] == key && !b.Has(alias[1-i]) && a.Has(alias[1-i]) && !off(a.Get(alias[1-i])) {
				return b.Get(key)
			}
		}
	}
	return nil
}

// scalars compares two plain values.
func (c *comparison) scalars(path []string, b, a *tree.Node) {
	if b.Text == a.Text && b.Tag == a.Tag {
		return
	}
	leaf := leafOf(path)
	if c.sooner(path, b, a) {
		return
	}
	if ch, ok := choiceOf(c.after.Type, leaf); ok {
		if ch.worse(b.Text, a.Text) {
			c.report(ch.class, path, a.Line, false, "%s %s", leaf, change(b.Text, a.Text))
			return
		}
		if !general[leaf] && leaf != "public_network_access" {
			return
		}
	}
	if m := c.meaning(path); m.weakened(b, a) && secretNames[leaf] {
		c.report(m.class, path, a.Line, false, "%s is taken out", name(path))
	} else if m.weakened(b, a) {
		c.report(m.class, path, a.Line, false, "%s %s", name(path), change(b.Text, a.Text))
	} else if m.sense == neutral {
		c.opened(path, b, a)
	}
}

// weakened says whether a setting of this meaning does less after a change of
// its value, or opens more.
func (m meaning) weakened(b, a *tree.Node) bool {
	switch m.sense {
	case guard:
		return on(b) && off(a)
	case hazard:
		return !switchedOn(b) && switchedOn(a)
	case amount:
		from, okB := duration(b)
		to, okA := duration(a)
		return okA && okB && to < from || !okB && on(b) && off(a)
	case versioned:
		from, to := tlsLevel(b.Text), tlsLevel(a.Text)
		return from > 0 && to > 0 && to < from || on(b) && off(a)
	}
	return false
}

// vanished reports what the removal of a setting takes away. Of a block that
// is itself a guard the block is named; of any other block that goes, nothing
// is: what it guarded went with it.
func (c *comparison) vanished(path []string, b *tree.Node) {
	if len(path) == 0 {
		return
	}
	leaf := leafOf(path)
	if ch, ok := choiceOf(c.after.Type, leaf); ok {
		if b.Kind == tree.Scalar && ch.worse(b.Text, "") {
			c.report(ch.class, path, b.Line, true, "%s %s is removed", leaf, clip(b.Text))
		}
		return
	}
	m := c.meaning(path)
	if b.Kind == tree.Scalar {
		if m.missed(b) && secretNames[leaf] {
			c.report(m.class, path, b.Line, true, "%s is removed", name(path))
		} else if m.missed(b) {
			c.report(m.class, path, b.Line, true, "%s %s is removed", name(path), clip(b.Text))
		}
		return
	}
	if (m.sense == guard || m.sense == amount) && anyOn(b) {
		c.report(m.class, path, b.Line, true, "%s is removed", name(path))
		return
	}
	// A small block of one concern, whose name says less than its content.
	if b.IsMap() && len(b.Fields) <= 12 || b.IsList() && len(b.Items) == 1 {
		c.vanishedInside(path, b)
	}
}

// missed says whether a value of this meaning protected, so that its removal
// takes something away.
func (m meaning) missed(b *tree.Node) bool {
	switch m.sense {
	case guard, amount:
		return on(b)
	case hazard:
		return m.defaultOn && off(b)
	case versioned:
		return tlsLevel(b.Text) >= 12
	}
	return false
}

// wrappers are blocks that only group settings: their going takes the
// settings with it, and the thing they are about stays.
var wrappers = map[string]bool{
	"lifecycle": true, "properties": true, "settings": true, "site_config": true, "vpc_config": true, "resources_vpc_config": true,
	"network_config": true, "configuration": true, "metadata_options": true, "domain_endpoint_options": true,
	"viewer_certificate": true, "master_auth": true, "private_cluster_config": true, "ip_configuration": true,
	"public_access_block_configuration": true, "image_scanning_configuration": true, "database_flags": true, "security": true,
	"shielded_instance_config": true, "node_config": true, "blob_properties": true, "queue_properties": true, "features": true,
	"delete_retention_policy": true, "container_delete_retention_policy": true, "retention_policy": true, "distribution_config": true,
	"backup_configuration": true, "advanced_security_options": true, "security_context": true, "pod_security_context": true,
	"server_side_encryption_configuration": true, "network_acls": true, "network_rules": true, "options": true,
	"workgroup_configuration": true, "auth": true,
}

func (c *comparison) vanishedInside(path []string, b *tree.Node) {
	if !wrappers[leafOf(path)] {
		return
	}
	for _, item := range b.Each() {
		for _, f := range item.Entries() {
			c.vanished(append(path, f.Key), f.Value)
		}
	}
}

// appeared reports what a new setting opens or switches off by its own words.
func (c *comparison) appeared(path []string, a *tree.Node) {
	a = document(a)
	if isPolicy(a) || ownReader(path) || a == nil {
		return
	}
	if leafOf(path) == "access_config" && strings.HasPrefix(c.after.Type, "google_compute_instance") && a.Kind != tree.List {
		c.report(Exposed, path, a.Line, false, "an address of its own on the internet (access_config)")
		return
	}
	switch a.Kind {
	case tree.Scalar:
		c.appearedScalar(path, a)
	case tree.List:
		for _, item := range a.Items {
			c.appeared(path, item)
		}
	case tree.Map:
		for _, f := range a.Fields {
			c.appeared(append(path, f.Key), f.Value)
		}
	}
}

func (c *comparison) appearedScalar(path []string, a *tree.Node) {
	leaf := leafOf(path)
	if ch, ok := choiceOf(c.after.Type, leaf); ok {
		if !ch.always && contains(ch.bad, strings.ToLower(a.Text)) {
			c.report(ch.class, path, a.Line, false, "%s is set to %s", leaf, clip(a.Text))
		}
		return
	}
	m := c.meaning(path)
	switch {
	case m.sense == guard && off(a) && a.Text != "" && (a.Text != "0" || !a.Quoted):
		c.report(m.class, path, a.Line, false, "%s is set to %s", name(path), clip(a.Text))
	case m.sense == hazard && switchedOn(a):
		c.report(m.class, path, a.Line, false, "%s is set to %s", name(path), clip(a.Text))
	case m.sense == versioned && tlsLevel(a.Text) > 0 && tlsLevel(a.Text) < 12:
		c.report(m.class, path, a.Line, false, "%s is set to %s", name(path), clip(a.Text))
	case m.sense == amount && a.Text == "0":
		c.report(m.class, path, a.Line, false, "%s is set to 0", name(path))
	}
	if expires(c.after, path) && !off(a) {
		c.add(DataExpiry, a.Line, false, fmt.Sprintf("%s %s", strings.Join(path, "."), clip(a.Text)))
	}
}

// meaning reads the path, with what the resource's type says of it.
func (c *comparison) meaning(path []string) meaning {
	leaf := leafOf(path)
	m := meaningOf(c.after.Type, path)
	if m.sense == neutral && len(path) > 1 && (targets[leaf] || strings.HasSuffix(leaf, "_enabled") || logParts[leaf]) {
		if m = readName(path[len(path)-2]); m.sense != guard {
			m = meaning{}
		}
	}
	if m.class == RecoveryWeakened && m.sense == amount && aboutLogs(c.after.Type) {
		m.class = LoggingWeakened
	}
	if m.class == Exposed && m.sense == guard && leafOf(path) == "internal" && !strings.Contains(strings.ToLower(c.after.Type), "lb") {
		return meaning{}
	}
	return m
}

// report adds a finding unless the resource closed the same door another way.
func (c *comparison) report(class Class, path []string, line int, removed bool, format string, args ...any) {
	if class == IsolationWeakened && closedToPublic(c.after.Body) {
		return
	}
	c.add(class, line, removed, fmt.Sprintf(format, args...))
}

func closedToPublic(body *tree.Node) bool {
	for _, key := range []string{"public_network_access_enabled", "public_network_access", "endpoint_public_access"} {
		if n := body.Get(key); n != nil && off(n) {
			return true
		}
	}
	return false
}

// targets name where a guard sends or keeps things: without them it does nothing.
var targets = map[string]bool{
	"destination_arn": true, "target_bucket": true, "bucket": true, "log_bucket": true, "log_group_arn": true, "log_destination": true,
	"destination_bucket_name": true, "cloudwatch_log_group_arn": true, "key_id": true, "key_arn": true, "s3_bucket_name": true,
	"workspace_id": true, "log_analytics_workspace_id": true, "storage_account_access_key": true, "storage_endpoint": true,
	"default_kms_key_name": true,
}

// logParts are the logs that a block about logs can switch one by one.
var logParts = map[string]bool{"read": true, "write": true, "delete": true, "general": true, "audit": true, "api": true,
	"authenticator": true, "scheduler": true, "profiler": true, "error": true}

func aboutLogs(typ string) bool {
	typ = strings.ToLower(typ)
	for _, w := range []string{"log_group", "loggroup", "logging", "log_profile", "monitor", "audit", "trail", "flow_log",
		"log_analytics", "diagnostic"} {
		if strings.Contains(typ, w) {
			return true
		}
	}
	return false
}
