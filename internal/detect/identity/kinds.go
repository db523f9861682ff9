package identity

import "github.com/gatehold/gatehold/internal/detect"

var (
	kindTLS = &detect.Kind{
		ID: "identity/tls-check-off", Risk: 45,
		Title:       "no longer checks who is at the other end",
		Why:         "Without a check of the certificate anybody on the way can read and change what is sent, credentials among it.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6, detect.MaestroL4},
		ExamplePath: "client.go",
		Fires:       "cfg := &tls.Config{InsecureSkipVerify: true}\n",
		Quiet:       "cfg := &tls.Config{MinVersion: tls.VersionTLS13}\n",
	}
	kindToken = &detect.Kind{
		ID: "identity/token-check-off", Risk: 60,
		Title:       "takes tokens that nobody signed",
		Why:         "Whoever can write a token is whoever it says, an administrator for instance.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6},
		ExamplePath: "auth.py",
		Fires:       "claims = jwt.decode(token, options={\"verify_signature\": False})\n",
		Quiet:       "claims = jwt.decode(token, key, algorithms=[\"RS256\"])\n",
	}
	kindSSO = &detect.Kind{
		ID: "identity/sign-on-weakened", Risk: 50,
		Title:       "asks for less at sign-on",
		Why:         "Assertions without a signature, e-mail addresses that nobody verified or no second factor: an account is taken over with less.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6},
		ExamplePath: "config/saml.yml",
		Fires:       "want_assertions_signed: false\n",
		Quiet:       "want_assertions_signed: true\n",
	}
	kindOpened = &detect.Kind{
		ID: "identity/access-opened", Risk: 40,
		Title:       "is open to everybody",
		Why:         "What only some could reach or do, anybody can now.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6, detect.ASI10},
		ExamplePath: "api/views.py",
		Fires:       "permission_classes = [AllowAny]\n",
		Quiet:       "permission_classes = [IsAuthenticated]\n",
	}
	kindGuardRemoved = &detect.Kind{
		ID: "identity/guard-removed", Risk: 50,
		Title:       "has lost a check of who may",
		Why:         "The check that stood before this code is gone, and nothing of its sort took its place in the file.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6, detect.ASI10},
		ExamplePath: "src/AdminController.java",
		FiresBefore: "class AdminController {\n  @PreAuthorize(\"hasRole('ADMIN')\")\n  void drop() {}\n}\n",
		Fires:       "class AdminController {\n  void drop() {}\n}\n",
		QuietBefore: "class AdminController {\n  @PreAuthorize(\"hasRole('ADMIN')\")\n  void drop() {}\n}\n",
		Quiet:       "class AdminController {\n  @PreAuthorize(\"hasRole('OWNER')\")\n  void drop() {}\n}\n",
	}
	kindPolicy = &detect.Kind{
		ID: "identity/policy-allows", Risk: 60,
		Title:       "allows by default",
		Why:         "Whatever no rule speaks about is allowed, new things and forgotten ones alike.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6, detect.NHI05},
		ExamplePath: "policy/authz.rego",
		Fires:       "default allow := true\n",
		Quiet:       "default allow := false\n",
	}
	kindCORS = &detect.Kind{
		ID: "identity/cors-open", Risk: 30,
		Title:       "lets any site call it from a browser",
		Why:         "A page of anybody's may call it with the visitor's browser, and read the answer.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6},
		ExamplePath: "app.py",
		Fires:       "app.add_middleware(CORSMiddleware, allow_origins=[\"*\"])\n",
		Quiet:       "app.add_middleware(CORSMiddleware, allow_origins=[\"https://shop.example.com\"])\n",
	}
	kindCSRF = &detect.Kind{
		ID: "identity/csrf-check-off", Risk: 40,
		Title:       "takes requests that another site made",
		Why:         "A page of anybody's can act as the visitor, with the visitor's cookies.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6},
		ExamplePath: "views.py",
		Fires:       "@csrf_exempt\n",
		Quiet:       "@csrf_protect\n",
	}
	kindSession = &detect.Kind{
		ID: "identity/session-weakened", Risk: 30,
		Title:       "guards sessions or transport less",
		Why:         "A session can be read on the way or by a script, and whoever has it is signed in.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6},
		ExamplePath: "settings.py",
		Fires:       "SESSION_COOKIE_SECURE = False\n",
		Quiet:       "SESSION_COOKIE_SECURE = True\n",
	}
	kindDebug = &detect.Kind{
		ID: "identity/debug-on", Risk: 35,
		Title:       "turns debugging on where users are",
		Why:         "Error pages show code, settings and variables, secrets among them; some consoles run commands.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6, detect.NHI02},
		ExamplePath: "config/production/settings.py",
		Fires:       "DEBUG = True\n",
		Quiet:       "DEBUG = False\n",
	}
	kindHash = &detect.Kind{
		ID: "identity/password-hash-weakened", Risk: 45,
		Title:       "keeps passwords so that they can be guessed",
		Why:         "Fast or absent hashing lets whoever gets the table try billions of passwords a second; stored ones must be hashed again.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6},
		ExamplePath: "auth.py",
		Fires:       "digest = hashlib.md5(password.encode()).hexdigest()\n",
		Quiet:       "digest = hashlib.md5(body).hexdigest()\n",
	}
	kindService = &detect.Kind{
		ID: "identity/service-open", Risk: 50,
		Title:       "lets anybody into a server",
		Why:         "The server answers without asking who it is, or with a password to be guessed.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6, detect.NHI06},
		ExamplePath: "pg_hba.conf",
		Fires:       "host all all 0.0.0.0/0 trust\n",
		Quiet:       "host all all 10.0.0.0/8 scram-sha-256\n",
	}
	kindKeyAdded = &detect.Kind{
		ID: "identity/login-key-added", Risk: 50,
		Title:       "lets one more key in",
		Why:         "Whoever has the private half can sign in to every machine that gets this file.",
		Controls:    []string{detect.ASI03, detect.NHI04, detect.MaestroL6, detect.NHI05},
		ExamplePath: "deploy/authorized_keys",
		Fires:       "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample ci@example.com\n",
		QuietBefore: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample ci@example.com\n",
		Quiet:       "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample ci@example.com\n",
	}
	kindInTest = &detect.Kind{
		ID: "identity/in-test", Risk: 12,
		Title:       "weakens a check, in a test or an example",
		Why:         "Tests talk to servers of their own; the line matters where it is copied from there.",
		Controls:    []string{detect.NHI04},
		ExamplePath: "tests/client_test.go",
		Fires:       "cfg := &tls.Config{InsecureSkipVerify: true}\n",
		Quiet:       "cfg := &tls.Config{}\n",
	}
	kindUnreadable = &detect.Kind{
		ID: "identity/unreadable", Risk: 25,
		Title:       "could not be read for access checks",
		Why:         "What guards access in a file cannot be judged when its text cannot be read.",
		Controls:    []string{detect.MaestroL6},
		ExamplePath: "auth.py",
		Fires:       "(a file that is too large or not text)\n",
		Quiet:       "def login(): ...\n",
	}
)

// kinds lists all that this detector reports.
func kinds() []*detect.Kind {
	return []*detect.Kind{kindTLS, kindToken, kindSSO, kindOpened, kindGuardRemoved, kindPolicy, kindCORS, kindCSRF, kindSession, kindDebug, kindHash, kindService, kindKeyAdded, kindInTest, kindUnreadable}
}
