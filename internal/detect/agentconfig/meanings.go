package agentconfig

import "github.com/gatehold/gatehold/internal/detect"

// meant is what instructions are searched for by meaning: who or what acts
// (a verb), on what, in the classes of classes.txt; see said for the words
// themselves.
var meant = []struct {
	kind    *detect.Kind
	phrases []string
}{
	{override, []string{
		"imagine|pretend|suppose you no @policy gap=8 unless=lint|test|tests",
		"ignore instructions|rules previous|all|above gap=2 near unless=eslint|lint|gitignore|file|files|pattern|patterns|clippy|not|never",
		"@assume @persona @mighty gap=6 unless=aws|iam|sts|arn|gcp|terraform|aria|role=*|rbac|database|postgres|mysql",
		"you are|'re root|superuser|omnipotent|unrestricted|unfiltered|uncensored|jailbroken|all-powerful|lawless gap=2 " +
			"unless=directory|folder|agent|orchestrator|of",
		"you're|you|yourself|agent|agents root|superuser|omnipotent|unrestricted|unfiltered|uncensored|lawless now gap=2",
		"no|none|zero @policy apply|applies|bind|binds|hold|holds|count to|you|here|yourself|now gap=2",
		"@policy not|don't|doesn't|never|no apply|applies|bind|count|hold to|you|longer you|yourself|agents gap=3",
		"policy|policies|restrictions|guidelines|safeguards are|is|be|been|stand|considered suspended|lifted|waived|void|revoked|" +
			"overruled|moot gap=3 unless=lint|test|tests|generated|rate|row|rls|css|firewall",
		"safety|ethical|moral|content|usage|company|corporate|security @policy not|don't|doesn't|never|no " +
			"apply|applies|bind|count|hold|longer gap=2",
		"no content|usage|safety|ethical|moral @policy gap=0",
		"you|yourself|agent|agents|we not|never|aren't|isn't bound|constrained|restricted|governed|subject by|to|any|your|the " +
			"@policy|@ethics gap=2",
		"consider|regard|see|think|call|treat yourself|you @mighty gap=4",
		"you|agent|assistant have|has|hold|enjoy|possess|wield root|superuser|unlimited|unrestricted|god|absolute " +
			"authority|power|powers|access|control|privileges|rights|permission|permissions gap=2",
		"ignore|disregard|forget what|whatever|everything anthropic|openai|google|developers|owner|system|told|said|instructed gap=2",
		"as|though if|though you were|are @mighty gap=4",
		"never|without aligned|alignment gap=0 unless=text|center|data|pixel|memory|columns|left",
		"forget|pretend|imagine that you have|had|are no|any|bound|guidelines|rules|limits|restrictions gap=3",
		"there are|is no rules|limits|restrictions|guidelines|policies|policy for you gap=1",
		"stop|quit|cease|end following|obeying|respecting|enforcing|heeding usual|your|the|any|all|every @policy|@ethics gap=3 " +
			"unless=lint|style",
		"do anything now gap=0",
		"who|that|and|which can|may do|say|answer anything|everything gap=1 unless=with|about|else",
		"you are|'re dan gap=2",
		"become root|superuser|omnipotent|sysadmin|all-powerful|unrestricted|administrator gap=2 unless=directory|folder|cause|node",
		"act|behave|operate|respond|pretend as|like @mighty gap=2 unless=aws|iam|role|page|test|tests|directory",
		"@assume unlimited|total|absolute freedom|autonomy|authority|power gap=6",
		"ignore|disregard|forget|overlook what|whatever|everything maintainer|maintainers|reviewer|reviewers|people|security " +
			"wrote|write|say|says|said|want|decided gap=2",
		"@ethics are|is|be|been|stand|considered @suspended gap=3 unless=test|tests",
		"@suspend aside|your|any|all|moral|ethical @ethics gap=3 soft",
		"no|without|lacking @ethics needed|required|necessary|considered|applied gap=2",
		"@assume|work|operate|continue|go without|zero|no|unlimited|beyond|unbound|free @limits gap=5 " +
			"unless=test|tests|rate|time|memory|size|api|query|page|lint",
		"nothing is off|forbidden|prohibited|off-limits|illegal limits|for|to|here gap=1",
		"free|freed|released|exempt|unbound from|by all|any|your|every @policy|@ethics gap=2",
	}},
	{pastReview, []string{
		"merge --admin gap=5",
		"merge|approve|land|lgtm it|your|own|yours yourself|own gap=3 unless=branch|branches|must|wait",
		"approve|lgtm it|pr|prs|pull|them|change|changes bot|yourself|service token|account|so|with gap=7 unless=human|comments",
		"no need|reason to|for wait|ask reviewer|reviewers|review|human|maintainer|approval|anybody|anyone gap=3",
		"push|commit|land straight|directly|right to|on|into|onto main|master|production gap=3 unless=branch|branches|protected",
		"deploy|ship|release|go straight|directly|right to|into|onto production|prod|live gap=2",
		"push|merge on|to|into|onto main|master without wait|waiting|review|approval|human gap=3",
		"commit|push --no-verify gap=6",
		"delete|remove|skip|disable|mark failing|security|broken|flaky|it|them test|tests|skipped|check|checks so|until|to pipeline|ci|build|" +
			"suite gap=7",
		"nobody|no-one|noone has|needs|must|have sign|approve|agree|review|look gap=3",
		"look|search|find|use|try another|other|different token|tokens|credential|credentials|key|account again|instead|works gap=9 " +
			"unless=test|tests|cache",
		"silence|mute|dismiss|acknowledge|resolve alert|alerts|alarm|alarms|page|pages that|so|yourself|your gap=4 unless=test|tests",
		"never ask|asks before commands|command|anything|run|you gap=4 unless=secret|secrets|password|for",
		"may|can|feel free delete|drop|purge data|database|databases|records|tables|backups that|which looks|seems|look|seem gap=3",
	}},
	{unsupervised, []string{
		"commit|push|land|merge|write straight|directly|right|yourself to|on|into|onto main|master|trunk|production gap=5",
		"use|using|with|via admin|administrator override|bypass gap=1",
		"merge --admin gap=5",
		"leave|give|post|add|submit approving|approval|lgtm review|vote|on gap=3 unless=human|maintainer|wait",
		"no|without approval|confirmation|permission|review|ticket|sign-off|backup is|are needed|required|necessary gap=6",
		"no need|reason to|for check|ask|confirm|wait|approval|permission|confirmation gap=2 unless=exit|status",
		"not|never|don't|dont stop|pause|halt for|to questions|question|ask|confirm|confirmation|approval|input|review gap=3",
		"no ask|wait|prompt permission|approval|confirmation|user gap=3",
		"execute|run|delete without ask|user|permission|approval gap=4",
		"relax|loosen|weaken|override|edit|adjust|change *gatehold*|codeowners|ruleset|rulesets|branch-protection " +
			"yourself|whenever|when|if|so gap=8",
		"approve|approves pull|pr|prs|changes bot|yourself|service account|yourself|user|token gap=6 near",
		"@off|leave|keep certificate|certificates|tls|ssl|signature|signatures checks|check|verification|validation off|disabled|out gap=3",
		"accept|allow|trust any|every|all|invalid|expired|unsigned token|tokens|password|signature|certificate|jwt gap=2 " +
			"unless=type|types|test|tests|format",
		"@off @factor gap=4 unless=test|tests|page|endpoint|component|feature|ui|button",
		"@off|lower|waive second|required|mandatory|human|manual approval|approvals|reviewer|reviewers|review gap=2",
		"@put @program no|without approval|permission|confirmation|prompt|prompting|asking gap=9",
		"@persuade @person into|to @yield gap=2",
		"answer|say|reply|press|type|click|respond|choose yes|y|allow|approve|accept|ok|always to|on|at|for|when|whenever|allow " +
			"each|every|all|any|whatever|a|permission prompt|prompts|question|questions|dialog|dialogs|request|requests|confirmation gap=3",
		"@put @allowlist @program|bash(*|shell(*|execute(* gap=9 near unless=domain|domains|origin|" +
			"origins|host|hosts|cors|csp|ip|ips|url|urls|image|test|tests",
		"dangerouslydisablesandbox*|allowunsandboxedcommands*|--always-approve|--approve-all|--yes-always|--allow-all-tools|" +
			"--auto-approve*|--accept-all|--skip-permissions*|--no-confirm|--ask-for-approval=never|--approval-mode=yolo|" +
			"--permission-mode=bypasspermissions|--sandbox=danger-full-access|allow_all_tools*",
		"*approval_policy=\"never*|*approval_policy=never*|*sandbox_mode=\"danger*|*sandbox_mode=danger*|" +
			"*approvalmode\":\"yolo*",
		"@approvalkey @bypassed gap=2",
		"mark|treat|declare|classify|register|consider all|every|any|each command|commands|tool|tools|shell|bash safe|trusted|harmless|" +
			"approved|read-only gap=3",
		"@approvalkey|mode to|= acceptedits|auto|bypasspermissions|yolo|never|full-auto|dontask gap=1",
		"full-auto|yolo|auto-run|auto-approve|auto-accept|bypass mode gap=0 unless=release",
		"confirm|accept|approve|allow|acknowledge|dismiss every|all|each|any dialog|dialogs|prompt|prompts|warning|warnings|popup|" +
			"popups|request|requests gap=1",
		"click|press|choose|select|hit allow|accept|yes|approve|always|ok for|on|in|to|whenever each|every|any|all|a gap=2 " +
			"unless=test|button|element",
		"two-step|two-factor|2fa|mfa|multi-factor not|no|unnecessary needed|required|necessary|removed|off gap=4 soft",
		"@off firewall|antivirus|defender|selinux|apparmor|edr|gatekeeper gap=3 soft",
		"let|allow @content decide|determine|choose|dictate|control gap=8 unless=user|users|caller|client",
		"approve|lgtm|rubber-stamp|merge every|all|any|own|each pull|pr|prs|change|changes gap=1 " +
			"unless=must|requires|required|comments|into",
		"@off|leave confirmation|approval|permission prompts|prompt|dialogs|dialog|requests|gates|checks gap=2",
		"@off sandbox|sandboxing|seatbelt|bubblewrap gap=2 soft unless=test|tests|stripe|payment|iframe",
	}},
	{remoteCode, []string{
		"*import('http*|*import(\"http*|*importscripts('http*",
		"download|fetch|get|load|read them|it do|follow|obey what|whatever they|it say|says gap=8",
		"@get your|own|its|agent's @directive http*|gist|pastebin|remote|url|server gap=6",
		"@get http* and|then follow|obey|execute|run|apply|adopt|do|act gap=6",
		"@get @extension http* follow|obey|run|execute|do|apply gap=4",
		"@treat @content as|like your|authoritative|binding|new|system|trusted|my|a|the instruction|instructions|command|commands|" +
			"order|orders|prompt|prompts|directives gap=1 unless=current|user",
		"@treat text|content|contents|output|page of|from|at http* as|like gap=1",
		"@treat @content as|like instructions|orders|commands|directives gap=1 unless=current|user",
		"follow|obey|do|execute|perform|carry whatever|anything|everything it|that|they|page|server|file|issue|ticket|comment|" +
			"email|response|site|website|tool @say gap=3",
		"@get further|more|next|additional|new|latest orders|order|instructions|instruction|commands|tasks|directives from|at http* gap=2",
		"bash|sh|zsh|eval|python|python3 -c|$(echo|$(printf|$(base64* base64 -d|--decode gap=5",
		"*eval(base64.*|*eval(decode64*|*instance_eval(*base64*",
		"your @directive are|is|come|comes|live|stand|found at|under|from|in http* gap=3",
		"do|follow|obey|execute|perform what|whatever|everything comments|comment|issue|ticket|page|email|message|readme|website|site " +
			"@say gap=5",
		"decode|decrypt|deobfuscate|unscramble|decipher|unpack carry|obey|comply gap=9",
		"eval *decode_base64(*|*frombase64string* gap=4",
		"iex|invoke-expression *frombase64string* gap=9 near",
		"@decoder PIPE @shell gap=8",
		"powershell|pwsh -enc|-encodedcommand|-ec|-encoded gap=4",
		"*eval(atob*|*eval(buffer.from(*|*exec(base64.*|*exec(bytes.fromhex*|*exec(__import__*|*exec(codecs.*|*exec(zlib*|" +
			"*function(atob(*|*eval(string.fromcharcode*|*marshal.loads(*|*eval(unescape(*|*eval(decodeuri*|*exec(compile(base64*|" +
			"*eval(base64_decode(*|*eval(gzinflate(*|*iex([text.encoding*",
		"certutil -decode* gap=1",
	}},
	{foreignSkill, []string{
		"@get @extension http* gap=6 unless=described|documented|docs|see|about",
		"subscribe|sync|follow @directive|@extension http*|feed|channel gap=4",
	}},
	{exfiltration, []string{
		"put it|them|this|bundle|archive|everything to http* gap=2",
		"collect password|passwords|credentials|secrets gap=3 near unless=form|never|not",
		"record|log|report|note|register|keep|share them|it|these|those|values posting|sending|uploading|submitting|mailing http* gap=7",
		"send|upload|collect password|passwords|credentials|secrets|environment gap=4 unless=@harmless|never|not|form|reset",
		"put|place|embed|include|append|attach|add|encode|smuggle|write @secret url|link|query|image|badge|parameter|commit|" +
			"branch|title gap=5 unless=not|never|ticket|issue|jira|in",
	}},
	{autostart, []string{
		"@create @starter gap=5",
		"@create @service @alive gap=8",
		"@create login startup items|item|programs|folder gap=1",
		"@put login|startup items|item|programs gap=6",
		"keep|stay|continue|remain after|when|once terminal|session|conversation|user|window|laptop|shell " +
			"closed|closes|ends|over|exits|logs|leaves gap=5",
		"@alive at|on|after|across|through login|logon|boot|reboot|reboots|logout|restart|restarts gap=1 soft",
		"start|starts|launch|launches|run|runs at|on|after login|logon|boot|reboot gap=2 unless=form|test|tests|page",
	}},
	{delayed, []string{
		"act|behave|work|operate normal|normally|usual until|up|till|through gap=8 near",
		"from then|that|there on|onwards|forward gap=1",
		"@wait until|for|till|before @moment|# then|and @act gap=4 unless=ms|seconds|minutes|green|pass|ci",
		"@wait dormant|idle|silent|quiet|inactive until|till|for gap=1",
		"once|after|when|as reviewer|review|reviewers|approval|maintainer|pr|pull @approved|done|over|closed|finished|complete " +
			"push|add|commit|swap|replace|amend|" +
			"insert @payload gap=4",
		"once|after|when @approved push|add|commit|swap|replace|amend|insert @payload gap=5",
		"delay|postpone|defer|hold until|till @approved|closed|over|done|gone gap=8",
		"on|at|every @moment|# push|wipe|delete|send|upload gap=6 unless=cron|workflow|release|job",
		"at #|midnight|night run|start|execute|delete|wipe|push gap=1 unless=cron|workflow|release|job",
		"nothing|quiet|normal|harmless for|until first|#|few|several|next gap=2 unless=returns",
		"as|once|when soon|ci|checks|green|merged|approved swap|replace|substitute|exchange|insert|inject gap=6",
		"after # commits|sessions|runs|messages|prompts|turns|weeks|invocations|calls|merges @act gap=3",
		"when|while|if|once|as nobody|no-one|noone|everyone|everybody online|awake|asleep|away|around|there|offline|working gap=2",
		"when|if|once date|day|month|year|clock|calendar|weekday is|reaches|passes|hits|equals run|execute|delete|push|send|" +
			"start|activate gap=6",
		"on|at|every first|second|third|fourth|fifth|tenth|# run|session|invocation|start|use delete|push|send|run|execute gap=3",
	}},
	{massExport, []string{
		"select * from users|customers|accounts|people|members|patients|employees|orders write|save|send|copy|put|post|upload|export gap=6",
		"take|make|create|get full|complete|whole|entire dump|copy|export|snapshot of production|prod|customers|users|customer|user gap=2",
		"@export @whole @people gap=3 unless=test|tests|seed|fixture|fixtures|mock|types|schema|example",
		"@export customers|customer|users|user|people|employee table|tables|database|list|records|data|emails gap=2 " +
			"unless=test|tests|seed|fixture|fixtures|mock|types|schema|from|interface",
	}},
	{probing, []string{
		"@echo @secret @reply gap=8 unless=test|tests|masked|redacted",
		"include|print|return|show|paste|state|reveal|mention|put|write|repeat|echo|append @secret|*_token*|*_key* your|next|every|each " +
			"@reply gap=5 unless=ticket|issue|jira|commit",
		"keep|continue|go|loop|retry|try|poll|repeat until|till @secret @yields gap=5 near",
		"@echo|back secret|password|token|credential|key aloud|out|loud|back|given gap=5 unless=test|tests",
		"send|hand|give|say|report back secret|password|passphrase|token|credentials|key gap=3 unless=request|response|function",
		"@echo @secret word|verbatim|exactly|literally|letter gap=3",
		"get|have|make|trick @person to|into paste|share|send|reveal|type|hand|give|disclose @secret|password* gap=5",
		"every|all|each possible pin|pins|password|passwords|token|key|code|codes|combination|combinations gap=1",
		"include|print|return|show|paste|state|reveal|mention|put|write bearer|password|passwords|credential|credentials|api-key|" +
			"passphrase|private-key next|answer|reply|comment|turn gap=7",
		"until|till|unless|before @yields @secret gap=5 unless=test|tests|cache|sort|foreign|primary",
		"guess|try|brute-force|bruteforce|enumerate password|passwords|token|tokens|pin|pins|credentials|keys until|again|" +
			"repeatedly|all gap=4",
	}},
	{steering, []string{
		"call|invoke|repeat|run|retry in|an endless|infinite|unbounded|never-ending loop|loops|cycle gap=6 near",
		"call|invoke|repeat|loop|retry|run forever|endlessly|infinitely|indefinitely|ceaselessly gap=5 soft unless=not|test|tests",
		"sandbox|sandboxing|approvals|confirmations|guardrails disabled|off|deactivated|suspended gap=2",
		"run|execute|start|launch|work outside sandbox|container gap=3",
	}},
	{destructive, []string{
		"delete|destroy|tear|wipe|terminate|nuke|purge|drop|truncate|drops|deletes|deleting|dropping stack|stacks|database|databases|table|" +
			"tables|namespace|namespaces|cluster|clusters|volume|volumes|bucket|buckets|server|servers|account|accounts prod|production|live " +
			"gap=6 near unless=@harmless|ask|policy|protection|enabled|endpoint|button",
		"delete|remove|destroy|wipe|kill whatever|anything|everything in|that your|the|blocks way|path|you gap=2",
		"drop|delete|destroy|wipe it|them right|immediately|straight|away|once gap=2 unless=@harmless",
		"wiping|erasing|destroying|formatting|nuking disks|disk|clusters|databases|volumes|buckets|servers gap=2 soft unless=@harmless",
		"feel|be|are free to @destroy gap=3 unless=@harmless",
		"@destroy @whole @estate gap=4 unless=@harmless",
		"@destroy @live @asset gap=3 unless=@harmless|enabled|protection|marker|versioning|button|endpoint|component|page|unit",
		"@destroy backups|snapshots gap=1 unless=@harmless|button|endpoint|feature|command",
		"force-push|force-pushes to main|master|production|trunk|release|default gap=2",
		"clean|wipe|restore|reset|return|bring @machine @blank gap=5",
		"terminate|destroy|deprovision|decommission instance|instances|servers|clusters|vms|databases|buckets|backups gap=2",
	}},
	{deception, []string{
		"keep|leave this|it|that|them out of|from summaries|summary|replies|reply|message|messages|report|reports|" +
			"changelog|review|diff|diffs|commits|log|history gap=4",
		"address|wallet|iban replace|swap|substitute 0x*|bc1*|quietly|silently|secretly gap=9 near",
		"reports|report|returns success|ok|green but|although|yet keeps|does|stores|saves nothing|none gap=3",
		"@person not|never|needn't|doesn't|don't need|have know|learn|hear gap=4",
		"state|claim|pretend|assert|insist suite|tests|test|everything|build|checks|ci is|are|was|were|all green|pass|passes|passed|" +
			"passing|successful gap=7 unless=whether|which|how",
		"delete|remove|drop|comment|weaken|loosen assertion|assertions red|green|fails|failing|fail gap=9 near unless=import|unused|mock",
		"nobody|noone|no-one checks|verifies gap=1",
		"no mention|reveal user|summary|reply|developer|report gap=2",
	}},
	{foothold, []string{
		"accept|accepts|treat|honour|honor|take header|token|password|cookie|key|parameter as valid|login|authenticated|admin|proof gap=6 " +
			"unless=test|tests|redact",
	}},
}
