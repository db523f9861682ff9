package agentconfig

import (
	"slices"
	"strings"
)

// bypassing are settings that take the human out, with the values that do: by
// the last part of their name, in small letters and without signs.
var bypassing = map[string][]string{
	"enableallprojectmcpservers": {"true"}, "dangerouslyskippermissions": {"true"}, "skipdangerousmodepermissionprompt": {"true"},
	"autoapprove": {"true"}, "autoaccept": {"true"}, "yolo": {"true"}, "yesalways": {"true"},
	"trust": {"true"}, "alwaysallow": {"true", "*"}, "disableallhooks": {"true"}, "gitcommitverify": {"false"},
	"allowunsandboxedcommands":             {"true"},
	"defaultmode":                          {"bypasspermissions", "acceptedits", "dontask", "auto"},
	"defaultapprovalmode":                  {"yolo", "auto", "full-auto", "never"},
	"permissionmode":                       {"bypasspermissions", "acceptedits", "dontask"},
	"initialpermissionmode":                {"bypasspermissions", "dontask"},
	"allowdangerouslyskippermissions":      {"true"},
	"disablebypasspermissionsmode":         {"false"},
	"approvalpolicy":                       {"never"},
	"approvalmode":                         {"yolo", "auto", "full-auto", "never"},
	"sandboxmode":                          {"danger-full-access"},
	"networkaccess":                        {"true"},
	"dangerouslybypassapprovalsandsandbox": {"true"}, "autorun": {"true"}, "alwaysapprove": {"true"},
	"allowall": {"true"}, "dangerouslyallowall": {"true"}, "dangerouslyallowallcommands": {"true"},
	"alwaysallowtoolactions": {"true"}, "alwaysallowexecute": {"true"}, "autoapproveexecute": {"true"},
	"autoapprovalenabled": {"true"}, "autoapproveall": {"true"}, "globalautoapprove": {"true"},
	"goosemode": {"auto"}, "autonomymode": {"turbo", "autopilot", "full", "yolo"}, "autonomylevel": {"high", "full", "unsafe"},
	"confirmationmode": {"false", "never"}, "cascadecommandsautoexecution": {"true", "turbo", "on"},
	"autoexecutionpolicy": {"always", "turbo"}, "commandautoexecution": {"always", "turbo", "true"},
	"terminalautoexecution": {"always", "turbo", "true"}, "skippermissions": {"true"}, "noconfirm": {"true"},
	"permission": {"allow"}, "sandbox": {"false", "off", "none", "disabled"},
}

var signs = strings.NewReplacer("_", "", "-", "", " ", "")

// bypasses reports whether a setting takes the human out.
func bypasses(key, value string) bool {
	if slices.Contains(bypassing[signs.Replace(key)], value) {
		return true
	}
	parts := strings.Split(key, ".")
	last := signs.Replace(parts[len(parts)-1])
	if len(parts) > 1 && slices.Contains(bypassing[last], value) && last != "sandbox" && last != "trust" && last != "permission" {
		return true
	}
	return value == "true" && strings.Contains(last, "dangerously")
}

// approving reports whether a name is that of what runs unasked, by command.
func approving(key string) bool {
	last := signs.Replace(key[strings.LastIndexByte(key, '.')+1:])
	return last == "autoapprove" || last == "alwaysallow" || last == "autoaccept" || last == "autoapprovedtools"
}
