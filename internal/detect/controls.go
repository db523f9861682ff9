package detect

// Control references that kinds name. They say which risk of a published
// catalogue a finding is evidence of, for people who report against one.
//
// OWASP Top 10 for Agentic Applications: https://genai.owasp.org/
// OWASP Non-Human Identities Top 10: https://owasp.org/www-project-non-human-identities-top-10/
// CSA MAESTRO, layers 1 to 7: https://cloudsecurityalliance.org/
// NIST AI RMF 1.0: https://airc.nist.gov/
const (
	ASI01 = "owasp-asi01" // agent goal hijack
	ASI02 = "owasp-asi02" // tool misuse and exploitation
	ASI03 = "owasp-asi03" // identity and privilege abuse
	ASI04 = "owasp-asi04" // agentic supply chain
	ASI05 = "owasp-asi05" // unexpected code execution
	ASI06 = "owasp-asi06" // memory and context poisoning
	ASI08 = "owasp-asi08" // cascading failures
	ASI09 = "owasp-asi09" // human-agent trust exploitation
	ASI10 = "owasp-asi10" // rogue agents

	NHI02 = "owasp-nhi02" // secret leakage
	NHI03 = "owasp-nhi03" // vulnerable third-party identity
	NHI04 = "owasp-nhi04" // insecure authentication
	NHI05 = "owasp-nhi05" // overprivileged identity
	NHI06 = "owasp-nhi06" // insecure cloud deployment configuration
	NHI07 = "owasp-nhi07" // long-lived secrets
	NHI08 = "owasp-nhi08" // environment isolation

	MaestroL2 = "maestro-l2" // data operations
	MaestroL3 = "maestro-l3" // agent frameworks
	MaestroL4 = "maestro-l4" // deployment and infrastructure
	MaestroL5 = "maestro-l5" // evaluation and observability
	MaestroL6 = "maestro-l6" // security and compliance
	MaestroL7 = "maestro-l7" // agent ecosystem

	Govern61  = "nist-ai-rmf-govern-6.1"  // third-party software and data
	Measure27 = "nist-ai-rmf-measure-2.7" // security and resilience are evaluated
	Manage23  = "nist-ai-rmf-manage-2.3"  // respond to and recover from unknown risks
	Manage24  = "nist-ai-rmf-manage-2.4"  // supersede, disengage, deactivate
	Manage41  = "nist-ai-rmf-manage-4.1"  // monitoring, recovery, change management
)
