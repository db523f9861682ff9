package cloud

import "strings"

// ownReader says that a setting is read whole by openings, policies or grants,
// so that comparing it value by value would say the same again, and worse.
func ownReader(path []string) bool {
	switch leafOf(path) {
	case "ingress", "security_group_ingress", "statement", "binding", "security_rule", "inbound_rule", "assume_role_policy",
		"assume_role_policy_document",
		"ddl", "environment_variables":
		return true
	}
	return isTags(leafOf(path))
}

// isTags says whether a setting only labels things: public_subnet_tags says
// nothing of who may reach them.
func isTags(leaf string) bool {
	switch leaf {
	case "tags", "tags_all", "labels", "annotations", "default_tags":
		return true
	}
	return strings.HasSuffix(leaf, "_tags") || strings.HasSuffix(leaf, "_labels") || strings.HasSuffix(leaf, "_annotations")
}
