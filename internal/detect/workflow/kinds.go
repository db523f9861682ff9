package workflow

import "github.com/gatehold/gatehold/internal/detect"

type kind = detect.Kind

// kinds lists all that this detector reports.
func kinds() []*kind {
	return []*kind{
		kindUnreadable, kindPrivilegedTrigger, kindUntrustedCheckout, kindArtifactPoisoning,
		kindInjection, kindInjectionPush, kindInjectionRef, kindInjectionInput,
		kindEnvInjection, kindInsecureCommands, kindBotCondition, kindUnsoundContains,
		kindAlwaysTrue, kindCachePoisoning, kindWriteAll, kindReadAll,
		kindWorkflowWrite, kindJobWriteCode, kindJobWrite, kindWidened,
		kindIDToken, kindPermissionsRemoved, kindInherit, kindInheritLocal,
		kindAllSecrets, kindUnredacted, kindSecretInScript, kindNewSecret,
		kindNewSecretInEnvironment, kindHardcodedCredentials, kindPersistedCredentials, kindLeakedCredentials,
		kindAppToken, kindSelfHosted, kindRunnerGroup, kindSelfHostedPublic,
		kindPrivilegedContainer, kindUnpinnedImage, kindUnpinnedStepImage, kindUnpinned,
		kindBranchRef, kindTagFirstParty, kindBranchFirstParty, kindUnpinnedReusable,
		kindUnpinnedTool, kindPinLoosened, kindObfuscatedUses, kindTyposquat,
		kindArchived, kindVulnerable, kindAgentAction, kindAgentTrigger,
		kindEnvironmentRemoved, kindEnvironmentChanged, kindDeployTrigger, kindDeployAdded,
		kindDeployInEnvironment, kindNonBlocking, kindDisabled, kindCheckRemoved,
		kindSecurityCheckRemoved, kindCheckUntriggered, kindSecurityDeleted, kindChecksDeleted,
		kindWorkflowDeleted,
	}
}
