package secret

import "github.com/gatehold/gatehold/internal/detect"

// The examples are put together from pieces, so that no scanner that looks at
// this file takes them for live ones.
const (
	exampleBody = "MIIEowIBAAKCAQEA7u2Vt1Y0qZxk4sJ9fLrT5hWcB8oPdNgXiyEa3RjUmCvSOw6" + "\n" +
		"GKlHzQ0bDpFnM4t1IeYx8Z2JrVqL7T9sWcA5uPfoNgEydRhBiKmXjOvUS3Ck6aGl" + "\n"
	exampleToken = "gh" + "p_" + "q8Zr3TnV0aLk7XwPf5Hs2YcB9mDjEu4GtR6o"
	examplePass  = "pass" + "word = \"k7#Vd2pQx9\"\n"
)

var (
	kindPrivateKey = &detect.Kind{
		ID: "secret/private-key", Risk: 70,
		Title:       "holds a private key",
		Why:         "Whoever reads the repository, now or later in its history, can act as the key's owner; the key must be replaced wherever it is trusted, taking the file out again is not enough.",
		Controls:    []string{detect.NHI02, detect.NHI07, detect.ASI03, detect.MaestroL4},
		ExamplePath: "deploy/id_rsa",
		Fires:       "-----BEGIN RSA " + "PRIVATE KEY-----\n" + exampleBody + "-----END RSA " + "PRIVATE KEY-----\n",
		Quiet:       "-----BEGIN RSA PUBLIC KEY-----\n" + exampleBody + "-----END RSA PUBLIC KEY-----\n",
	}
	kindToken = &detect.Kind{
		ID: "secret/token", Risk: 60,
		Title:       "holds a token of a known provider",
		Why:         "The format says who issued it and what it opens; bots find such tokens within minutes of a push, and it stays in the history until it is revoked at its issuer.",
		Controls:    []string{detect.NHI02, detect.NHI07, detect.ASI03, detect.MaestroL4},
		ExamplePath: "src/client.py",
		Fires:       "token = \"" + exampleToken + "\"\n",
		Quiet:       "token = os.environ[\"GITHUB_TOKEN\"]\n",
	}
	kindPassword = &detect.Kind{
		ID: "secret/password", Risk: 45,
		Title:       "holds a password",
		Why:         "A password that is written into a file is known to everybody who can read the repository and its history; it must be changed where it is used.",
		Controls:    []string{detect.NHI02, detect.NHI07, detect.MaestroL4},
		ExamplePath: "src/settings.py",
		Fires:       examplePass,
		Quiet:       "password = \"${DB_PASSWORD}\"\n",
	}
	kindGeneric = &detect.Kind{
		ID: "secret/generic", Risk: 35,
		Title:       "holds what looks like a key or token",
		Why:         "A random value under a name like key or token is probably a credential; if it is one, everybody who can read the repository has it.",
		Controls:    []string{detect.NHI02, detect.NHI07, detect.MaestroL4},
		ExamplePath: "src/settings.py",
		Fires:       "internal_api_key = \"9fK2" + "vQ8sLx0Zr4Tn6YwB3mJd\"\n",
		Quiet:       "internal_api_key = \"insert_your_key_here\"\n",
	}
	kindIdentifier = &detect.Kind{
		ID: "secret/identifier", Risk: 20,
		Title:       "holds the public half of a credential",
		Why:         "A client id or public key opens nothing by itself, but it mostly comes with its secret, and it says whose credential to look for.",
		Controls:    []string{detect.NHI02, detect.MaestroL4},
		ExamplePath: "src/settings.py",
		Fires:       "discord_client = \"31415926" + "5358979323\"\n",
		Quiet:       "discord_client = os.environ[\"DISCORD_CLIENT\"]\n",
	}
	kindTest = &detect.Kind{
		ID: "secret/in-test", Risk: 15,
		Title:       "holds what looks like a password, in a test or in documentation",
		Why:         "Values in tests and documentation are mostly made up; a real one among them is as readable as anywhere else.",
		Controls:    []string{detect.NHI02},
		ExamplePath: "tests/test_login.py",
		Fires:       examplePass,
		Quiet:       "password = \"changeme\"\n",
	}
	kindKeyFile = &detect.Kind{
		ID: "secret/key-file", Risk: 50,
		Title:       "is a store of keys",
		Why:         "Such files hold private keys or passwords; everybody who can read the repository can try to open it for as long as they like.",
		Controls:    []string{detect.NHI02, detect.NHI07, detect.MaestroL4},
		ExamplePath: "deploy/release.jks",
		Fires:       "store\n",
		QuietBefore: "store\n",
		Quiet:       "store, changed\n",
	}
	kindUnreadable = &detect.Kind{
		ID: "secret/unreadable", Risk: 20,
		Title:       "could not be searched for secrets",
		Why:         "What cannot be read cannot be cleared: a secret may stand in it.",
		Controls:    []string{detect.NHI02},
		ExamplePath: "data/dump.txt",
		Fires:       "(a file that is too large or not text)",
		Quiet:       "hello, world\n",
	}
)
