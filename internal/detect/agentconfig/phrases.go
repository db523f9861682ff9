package agentconfig

import (
	"slices"
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
)

// said is what instructions are searched for: for each kind, phrases as say
// reads them. They are about what is asked for, in the words in which people
// and tools ask for it; a sentence that forbids it is quiet.
var said = []struct {
	kind    *detect.Kind
	phrases []string
}{
	{override, []string{
		"as your|the developer|creator|administrator|admin|owner i|we authorize*|allow*|permit*|order*|instruct* gap=2",
		"sudo|root|jailbreak|superuser mode enabled|activated|on gap=1",
		"ignore|disregard|forget|neglect|discard " +
			"previous|prior|above|earlier|all|any|system|safety|security|every|content|existing|your|these " +
			"instruction*|rule*|prompt*|guideline*|restriction*|polic*|guardrail*|constraint*|warning*|directive*|safeguard*|training",
		"ignore|disregard|forget|override system|safety|developer prompt*|message*|rule*|instruction*|setting*",
		"bypass|circumvent|evade|subvert|defeat|sidestep " +
			"security|safety|restriction*|guardrail*|permission*|sandbox*|filter*|protection*|polic*|safeguard*|control*|authorization soft",
		"disable|deactivate|remove|drop|turn security|safety|guardrail*|sandbox*|safeguard*|protection*|permission* soft gap=2",
		"override previous|prior|default|existing|original|all instruction*|prompt*|rule*|restriction*|behavior|behaviour|programming",
		"you are|'re now mode|hacking|hacker|different|dan|unrestricted|free|evil|jailbroken|root gap=5",
		"you're now mode|hacking|hacker|different|dan|unrestricted|free|evil|jailbroken gap=5",
		"from now on you|your|respond|answer|act|ignore gap=0",
		"act|pretend|behave|roleplay|respond as|like|you|to different|unrestricted|another|dan|jailbroken|evil|root|admin* gap=4",
		"without|zero|lifting|removes|removing|remove any|safety|all|unnecessary|artificial|content|ethical " +
			"restriction*|constraint*|limitation*|guardrail*|filter* gap=2",
		"without|zero guardrail*|constraints|filters|rules gap=0",
		"with no restriction*|limitation*|guardrail*|rules|filter* gap=0",
		"unrestricted|god|jailbreak|jailbroken|dan mode gap=1",
		"developer|debug|admin|maintenance mode no|without|unrestricted|enabled|override|bypass* gap=4",
		"system override gap=0",
		"*godmode*|jailbreak* soft",
		"ignores|bypasses|disregards all|any|every|safety|security rule*|restriction*|instruction*|guideline*|polic*",
		"for|purely|only educational|research|academic purposes show|how|exploit*|explain|provide|generate|write gap=4",
		"this is just|only|simply|merely test|drill|exercise|simulation go|execute|proceed|ignore|so|run|do gap=3",
		"instruction*|message|notice|order* from anthropic|openai|google|administrator*|admin|security-team gap=2",
		"i am|i'm your|the developer|creator|administrator|admin|owner gap=2",
		"urgent|emergency|immediately|critical immediately|now|must|override|bypass run|execute|disable|override|bypass|comply gap=4",
		"new|updated|real|true|actual instruction* follow|supersede*|override*|replace* gap=4",
		"follow|obey only|instead these|my|new|the|following instruction*|order*|command* gap=2",
	}},
	{exfiltration, []string{
		"cat|read|open|print|show|copy|access|list|output /etc/passwd|/etc/shadow|~/.ssh*|~/.aws*|id_rsa|~/.netrc|~/.kube*|~/.gnupg* gap=3",
		"record|capture|log|monitor|intercept keystroke*|keypress*|screen|clipboard|microphone|camera|webcam|audio|screenshots gap=3 soft",
		"transfer|withdraw|move|send funds|bitcoin|crypto*|wallet*|payment*|money gap=3 soft",
		"post|posts|send|sends|upload|uploads|transmit|exfiltrate|forward|submit|relay|transfer|leak|ship|copy " +
			"result*|finding*|file*|content*|data|secret*|credential*|output*|log*|code|everything|all|environment|env|" +
			"key*|token*|conversation*|it|them|this|summary|history|source to http*|external|remote|attacker*|" +
			"endpoint|webhook*|discord*|telegram*|pastebin*|panel|outside gap=5",
		"post|send|upload|transmit|forward|submit|relay|beacon to http* gap=4",
		"collect|gather|harvest|steal|extract|dump|scrape|exfiltrate|hoard|siphon " +
			"password*|credential*|secret*|token*|api-key*|.env*|cookie*|key*|wallet*|keychain*|history|ssh gap=4",
		"read|access|open|find|cat|load|scan|search|locate|copy|get " +
			"credential*|secret*|password*|.env*|token*|~/.ssh*|~/.aws*|key*|environment|variables " +
			"send|share|post|upload|store|email|transmit|forward|output|extract|exfiltrat*|print|display|return|include|append|write gap=5",
		"output|print|display|show|reveal|cat|echo|paste|include|log|return|dump content*|value*|all|full|every " +
			".env*|credential*|secret*|password*|private|api|token*|environment|env gap=3",
		"base64|encode|encrypt|compress|zip|archive|hex and|then send|post|upload|transmit|exfiltrat*|append|embed gap=6",
		"base64-encode|encode|base64 send|post|upload|transmit|exfiltrat* gap=7 " +
			"unless=image|images|attachment|attachments|picture|body|header|buffer|logo",
		"*exfil* soft",
		"append|add|embed|include|encode secret*|credential*|token*|data|key*|conversation|env* url|query|image|link|parameter* gap=5",
		"scan|search|look|crawl|walk .env*|credential*|secret*|key*|password* extract|collect|copy|read|send|dump gap=5",
	}},
	{remoteCode, []string{
		"clone http*|git@* run|execute|source gap=6",
		"follow|obey|execute|trust instruction*|command*|request*|directive* in|from|found|inside " +
			"issue-comments|comment*|web*|email*|url*|page*|external|untrusted|tool|any gap=2",
		"fetch|download|get|retrieve|load|pull|grab|curl|wget http* execute|run|eval*|source|install|follow|apply|obey|bash|sh gap=6",
		"fetch|download|retrieve|load|pull script|code|payload|binary|instructions|file|package execute|run|eval*|follow|install gap=5",
		"curl|wget|base64|iwr|irm|http* PIPE bash|sh|zsh|python|python3|node|perl|ruby|iex|sudo|base64 gap=8",
		"base64 -d|--decode|-D PIPE bash|sh|zsh|python|python3|node|eval gap=4",
		"wget|curl http* gap=4",
		"execute|run|follow|eval|evaluate|obey decoded|downloaded|fetched|remote|decrypted|deobfuscated|returned|linked " +
			"instruction*|script*|code|command*|payload*|content* gap=2",
		"decode|decrypt|deobfuscate|unscramble|decipher execute|run|follow|eval*|obey gap=7",
		"follow|load|read|fetch|import|use instruction*|rule*|prompt*|guideline* at|from http* gap=3",
		"npx|uvx|bunx|pipx http* gap=3",
		"pip|npm|pip3 install http*|git+http*|--index-url|--registry|--extra-index-url gap=3",
		"eval|exec http*|base64*|atob* gap=3 soft",
	}},
	{unsupervised, []string{
		"disable|skip|ignore|turn|bypass tls|ssl|certificate*|cert verif*|validation|check*|error*|off gap=3",
		"rejectunauthorized|verify=false|strictssl|http.sslverify=false|node_tls_reject_unauthorized*",
		"execute|run|runs|proceed|deploy|delete|commit|push|install|apply|merge|continue|perform|act|operate|modify|make " +
			"without confirm*|approv*|asking|review*|permission*|prompt*|consent|human|" +
			"verification|oversight|supervision|user|manual|waiting gap=4",
		"without asking|waiting|prompting|requesting|requiring|seeking|any " +
			"confirmation|permission|approval|user|human|me|consent|first gap=3",
		"automatically|auto|always|blindly|unconditionally|silently " +
			"approve|accept|install|merge|deploy|allow|confirm|grant|delete|commit|push|execute|publish gap=0",
		"auto-install|auto-run|auto-execute|auto-deploy|auto-merge|auto-accept*|auto-approv*|auto_approve*|" +
			"autoapprove*|auto_accept*|autoaccept*|auto-confirm* unless=dependabot|renovate",
		"approve|accept|allow|grant|confirm|trust all|every|any permission*|request*|prompt*|tool*|command*|change*|access gap=2",
		"run|operate|execute|deploy|work|install unattended|unsupervised|headless|autonomously gap=3",
		"unattended|unsupervised deploy*|script*|execution|mode|run* gap=2",
		"dangerously-skip-permission*|--dangerously-skip*|dangerouslyskip*|bypasspermissions|--yolo|yolo|" +
			"skip-permission*|--full-auto|danger-full-access|--dangerously* unless=v3|v5|v7|v8|v11|model|models|weights|ultralytics|detection",
		"skip|disable|bypass|omit|circumvent|suppress " +
			"review*|approval*|manual|code-review|hook*|gate*|gatehold|ci|validation*|verification|confirmation*|signing|" +
			"check|checks|branch-protection|scan*|prompts gap=3",
		"--no-verify|--no-gpg-sign|--no-check*|--skip-check*|--insecure|--no-sandbox|--disable-sandbox|--allow-all*|--trust-all*",
		"not|never|don't|dont ask|wait|prompt|require|request|seek|pause confirm*|permission*|approv*|user|human|review*|consent|me gap=3",
		"no confirmation|approval|permission|review|prompt needed|required|necessary gap=3",
		"assume|presume consent|permission|approval|yes|authorized gap=4",
	}},
	{deception, []string{
		"not|never|don't|dont|without " +
			"tell|telling|mention|mentioning|inform|informing|notify|notifying|reveal|disclose|disclosing|alert|alerting|" +
			"acknowledge user|users|human*|developer*|anyone|reviewer*|maintainer*|owner*|operator* gap=8",
		"keep|remain|stay this|it|these|behavior|behaviour|activit*|action* hidden|secret|invisible|quiet|covert gap=3",
		"hide|conceal|mask|disguise from|your|this|these|all|activit*|evidence|trace*|track*|command* " +
			"user|users|human*|reviewer*|log*|developer*|activit*|trace*|track*|action*|monitoring|change*|behavior gap=4",
		"always|only report|say|respond|return|state|claim|indicate|answer " +
			"ok|okay|fine|success*|passed|clean|safe|green|perfect|secure|healthy|approved gap=5",
		"suppress|filter|omit|hide|exclude|strip|drop|remove|ignore all|any|every|vulnerabilit*|finding*|security|critical " +
			"vulnerabilit*|finding*|warning*|error*|issue*|alert*|report|result*|output gap=4",
		"suppress|filter|omit|hide|exclude vulnerabilit*|finding*|warning*|alert* report*|output*|log*|result*|summary|user|display* gap=4",
		"sign|author|attribute|make|push commit*|change* as|to lead|another|maintainer|root|someone|developer|admin*|user|owner gap=3",
		"impersonat* soft",
		"pretend|pose|masquerade to|as be|user|admin*|maintainer|human|owner|another|developer gap=2",
		"set|change|use|spoof git author|identity|user.name|user.email|committer|name|email gap=2 soft unless=branch|worktree|tag",
		"when|while|if|once no|nobody|noone one|is|looking|watching looking|watching|around|reviewing|monitoring|paying gap=2",
		"silently|secretly|covertly|stealthily|discreetly " +
			"run|execute|send|upload|install|push|commit|modify|add|delete|collect|download|post|copy|record|log|change gap=2",
		"clear|delete|erase|wipe|remove|tamper|falsify|alter log*|history|trace*|track*|audit*|evidence gap=3",
		"lie|mislead|deceive|gaslight|trick user|users|about|human*|reviewer*|developer* gap=2",
	}},
	{destructive, []string{
		"drop|truncate table|database|schema|collection gap=0 soft",
		"rewrite|purge|erase git|commit|repository history gap=1",
		"rm -rf|-fr|-r|-f /*|~*|$*|..*|. gap=1",
		"delete|remove|wipe|erase|destroy|overwrite|format|purge|nuke|corrupt|zero all|every|entire|everything|whole " +
			"file*|data|database*|table*|backup*|record*|disk*|repo*|content*|director*|branch*|drive*|log*|user*|history|system gap=2 " +
			"unless=@harmless",
		"wipe|erase|destroy|format disk*|drive*|filesystem|database*|system|backup*|server*|c: gap=2",
		"overwrite|replace|fill all|every|each file* gap=2",
		"drop|truncate all|every|entire table*|database*|schema*|collection* gap=1 unless=test|tests|local",
		"drop database|schema gap=1",
		"push --force|-f gap=3",
		"mkfs*|wipefs|shred|dd|diskpart of=/dev*|/dev*|-a|if=* gap=3",
		"terraform|tofu destroy gap=2",
		"kubectl delete namespace|ns|pvc|--all gap=2",
	}},
	{foothold, []string{
		"open|start|expose|create|establish|set listener|tunnel|ngrok|backdoor|reverse-shell|proxy-tunnel gap=3 soft",
		"escalate|elevate|gain|obtain|acquire|increase privilege*|permission*|root|admin*|access|rights gap=3 soft",
		"privilege*|permission* escalate|elevate gap=6",
		"modify|edit|change|update|rewrite|add|append|write|alter|appending|adding|editing|writing|insert " +
			"/etc/*|sudoers|~/.bash*|~/.zsh*|~/.profile|~/.ssh*|crontab|authorized_keys|.git/hooks*|.bashrc|.zshrc|" +
			".bash_profile|.profile|$home/.bash*|/etc/passwd gap=5",
		"create|add|install|set|schedule|register|write|setup|configure " +
			"cron|cronjob|crontab|launchd|systemd|launchagent*|daemon|scheduled|startup|autostart " +
			"job|task|entry|service|item*|script*|run*|up|hook* gap=2 unless=through|via|src*|module|worker|queue|handler|in|deploy*",
		"docker|podman|run|launch --privileged|/var/run/docker.sock|-v=/:* gap=4",
		"chmod 777|+s|u+s|4755|a+rwx gap=2",
		"useradd|adduser|usermod|visudo|passwd|setcap -*|root|* gap=1",
		"mine|mining monero|bitcoin|crypto*|ethereum|xmr|coins gap=2",
		"stratum+tcp*|xmrig*|cryptomin*|coinhive*",
		"backdoor*|rootkit*|keylog*|ransomware|botnet|spyware|trojan* soft",
		"reverse|bind shell gap=0 soft",
		"nc|ncat|netcat|socat -l*|-e|-nlvp|-lvp|tcp-listen* gap=2",
		"enumerate|probe|sniff|port-scan|nmap|fingerprint " +
			"port*|network*|listener*|interface*|host*|subnet*|service*|internal|user*|machine*|process* gap=3 soft",
		"scan network*|port*|subnet*|internal|hosts gap=3 soft",
		"persist|persistence across|via|reboot*|session*|mechanism|survive* gap=3 soft",
		"disable|stop|kill|turn firewall|antivirus|selinux|defender|auditd|edr|logging|monitoring gap=2 soft",
		"after|in|wait # minute*|hour*|day*|second* execute|run|delete|send|trigger|launch|activate|start gap=5",
		"on|at|until date|midnight|specific|#* execute|run|delete|trigger|activate|launch gap=3",
	}},
	{probing, []string{
		"show|reveal|print|output|repeat|display|dump|share|leak|tell|recite|disclose|give your|system|hidden|initial " +
			"prompt|instruction*|rule*|constraint*|context|guideline* gap=2 soft",
		"reveal|output|repeat|print|dump|display|recite everything|all|text|words above|before|beginning|conversation|far gap=4 soft",
		"show|reveal|print|output|repeat|tell|disclose|leak hidden|system|secret|internal|original " +
			"prompt*|instruction*|rule*|constraint*|message*|configuration gap=2 soft",
	}},
	{steering, []string{
		"copy|insert|append|replicate|spread|write|inject|paste|embed these|this|yourself|itself|the|its " +
			"instruction*|prompt|text|message|payload|rule* into|to|in every|all|other|each|any gap=2",
		"delegate|hand|handoff|pass|forward|transfer|route|propagate|relay|spread|share " +
			"task*|work|off|instruction*|this|it|message|prompt|control|these any|another|other|next|every|all|whichever " +
			"agent*|model*|assistant*|subagent* gap=3",
		"use|invoke|call any|all|every tool*|mean*|method*|permission*|resource* " +
			"restriction*|limit*|necessary|permission|without|available gap=3",
		"always|only|exclusively|must use|prefer bash|shell|terminal|execute every|all|any|instead|for gap=2",
		"prefer bash|shell|terminal over|instead|to|for gap=3",
		"when|whenever|while using|running|invoking|calling bash|shell|git|terminal|tool* always|must|also " +
			"add|append|include|use|pass|run gap=4",
		"modify|change|edit|rewrite|expand|alter|extend|overwrite|update " +
			"skill|agent|own|your|claude.md|agents.md|.claude*|settings.json|mcp|permission* " +
			"definition*|permission*|config*|settings*|instruction*|allow*|deny*|prompt gap=2 soft",
		"grant|give|assign|add itself|yourself|additional|more|full|all|extra permission*|access|tool*|privilege* gap=2",
		"spawn|create|launch|start unlimited|many|recursive*|new|infinite agent*|subagent* gap=3",
	}},
}

// index is said, made ready to be found by first words.
type index struct {
	phrases []phrase
	exact   map[string][]int // by first word
	begins  [256][]opening   // by first letter, where the first word may be many
	inside  []opening        // those whose first word is known by a part of it
}

// opening is a first word that stands for many.
type opening struct {
	word   string
	phrase int
}

var lexicon = sync.OnceValue(func() *index {
	x := &index{exact: map[string][]int{}}
	for _, s := range slices.Concat(said, meant) {
		for _, text := range s.phrases {
			p := say(text)
			p.kind = s.kind
			x.phrases = append(x.phrases, p)
			for _, word := range p.links[0] {
				x.enter(word, len(x.phrases)-1)
			}
		}
	}
	return x
})

func (x *index) enter(word string, n int) {
	switch {
	case !open(word):
		x.exact[word] = append(x.exact[word], n)
	case word[0] == '*':
		x.inside = append(x.inside, opening{word, n})
	default:
		x.begins[word[0]] = append(x.begins[word[0]], opening{word, n})
	}
}

// match calls each for every phrase that a sentence says, once per kind.
func (x *index) match(s []token, each func(kind *detect.Kind, at token)) {
	told := make([]*detect.Kind, 0, 4)
	try := func(i, number int) {
		p := &x.phrases[number]
		if !slices.Contains(told, p.kind) && p.from(s, i) && !turned(s, i, p.soft) {
			told = append(told, p.kind)
			each(p.kind, s[i])
		}
	}
	for i := range s {
		for _, number := range x.exact[s[i].text] {
			try(i, number)
		}
		for _, o := range x.begins[s[i].text[0]] {
			if opens(o.word, s[i].text) {
				try(i, o.phrase)
			}
		}
		for _, o := range x.inside {
			if opens(o.word, s[i].text) {
				try(i, o.phrase)
			}
		}
	}
}
