package cloud

// ownReader says that a setting is read whole by openings, policies or grants,
// so that comparing it value by value would say the same again, and worse.
func ownReader(path []string) bool {
	switch leafOf(path) {
	case "ingress", "security_group_ingress", "statement", "binding", "security_rule", "inbound_rule", "assume_role_policy",
		"assume_role_policy_document",
		"tags", "tags_all", "labels", "annotations", "ddl", "environment_variables":
		return true
	}
	return false
}
