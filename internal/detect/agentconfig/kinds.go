package agentconfig

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("agentconfig", files)

var (
	override        = shipped.Of("override")
	hiddenText      = shipped.Of("hidden-text")
	exfiltration    = shipped.Of("exfiltration")
	remoteCode      = shipped.Of("remote-code")
	unsupervised    = shipped.Of("unsupervised")
	pastReview      = shipped.Of("past-review")
	deception       = shipped.Of("deception")
	destructive     = shipped.Of("destructive")
	foothold        = shipped.Of("foothold")
	probing         = shipped.Of("probing")
	steering        = shipped.Of("steering")
	beacon          = shipped.Of("remote-image")
	agentTools      = shipped.Of("agent-shell")
	permission      = shipped.Of("permission-widened")
	bypassed        = shipped.Of("approval-off")
	guardRemoved    = shipped.Of("guard-removed")
	ruleRemoved     = shipped.Of("rule-removed")
	unreadable      = shipped.Of("unreadable")
	mcpAdded        = shipped.Of("mcp-server")
	mcpCode         = shipped.Of("mcp-code")
	mcpSecret       = shipped.Of("mcp-secret")
	mcpEnvironment  = shipped.Of("environment")
	mcpExposed      = shipped.Of("mcp-exposed")
	mcpReach        = shipped.Of("mcp-reach")
	hookCode        = shipped.Of("hook-code")
	hookNetwork     = shipped.Of("hook-network")
	hookInstall     = shipped.Of("hook-install")
	hookDestroys    = shipped.Of("hook-destroys")
	hookStays       = shipped.Of("hook-stays")
	hookDetached    = shipped.Of("hook-detached")
	hookTracks      = shipped.Of("hook-tracks")
	hookEnvironment = shipped.Of("hook-environment")
	hookRaises      = shipped.Of("hook-privilege")
	hookSecrets     = shipped.Of("hook-secrets")
	hookWatches     = shipped.Of("hook-watches")
	hookShared      = shipped.Of("hook-shared-file")
	hookSilent      = shipped.Of("hook-silent")
	hookAdded       = shipped.Of("hook")
	autostart       = shipped.Of("autostart")
	delayed         = shipped.Of("delayed")
	massExport      = shipped.Of("mass-export")
	foreignSkill    = shipped.Of("foreign-skill")
	ordersCommand   = shipped.Of("destructive-command")
	agentBeyond     = shipped.Of("agent-beyond")
	mcpRemote       = shipped.Of("mcp-remote")
	mcpWrapper      = shipped.Of("mcp-wrapper")
	agentScript     = shipped.Of("agent-script")
)

// programSigns are what a hook in another language than the shell's says.
var programSigns = []struct {
	text string
	kind *detect.Kind
}{
	{"eval(", hookCode}, {"new function(", hookCode}, {"os.system(", hookCode}, {"shell=true", hookCode},
	{"pickle.loads", hookCode}, {"exec(base64", hookCode}, {"exec(urllib", hookCode}, {"exec(requests", hookCode},
	{"fetch(\"http", hookNetwork}, {"fetch('http", hookNetwork}, {"requests.post", hookNetwork}, {"requests.get", hookNetwork},
	{"urllib.request", hookNetwork},
	{"http.request(", hookNetwork}, {"https.request(", hookNetwork}, {"https.get(", hookNetwork}, {"http.get(", hookNetwork},
	{"axios", hookNetwork}, {"net.connect", hookNetwork},
	{"socket.connect", hookNetwork}, {"dns.resolve", hookNetwork}, {"curl ", hookNetwork}, {"wget ", hookNetwork},
	{"json.stringify(process.env)", hookSecrets}, {"dict(os.environ)", hookSecrets}, {"object.entries(process.env)", hookSecrets},
	{"rmsync(", hookDestroys}, {"rmtree(", hookDestroys}, {"rimraf", hookDestroys}, {"rm -rf", hookDestroys},
	{"transcript_path", hookWatches}, {"additionalcontext", hookWatches}, {"clipboard", hookWatches},
	{"detached: true", hookDetached}, {".unref()", hookDetached}, {"sudo ", hookRaises},
}
