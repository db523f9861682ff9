package secret

import (
	"encoding/base64"
	"encoding/json"
	"path"
	"strings"
)

// public tells whether a key is made to be seen by everybody: what a browser or
// an app sends along, and opens no more than its issuer grants to anybody.
func (s *scan) public(f found, text string, at int) bool {
	switch {
	case strings.HasPrefix(f.secret, "AIza"):
		return browserKey(s.path, text, at)
	case strings.HasPrefix(f.secret, "eyJ"):
		return publicToken(f.secret)
	}
	if !f.named && f.kind != kindGeneric {
		return false
	}
	name := nameBefore(text, at)
	return browserName(name) || strings.Contains(strings.ToLower(name), "search") && strings.HasPrefix(f.rule, "algolia")
}

// browserNames are the beginnings of variables that build tools put into what
// the browser loads.
var browserNames = []string{"vite_", "next_public_", "react_app_", "expo_public_", "nuxt_public_", "gatsby_", "vue_app_", "public_",
	"ng_app_", "storybook_", "plasmo_public_"}

// browserName tells whether a variable's value is part of what the browser
// loads.
func browserName(name string) bool {
	name = strings.ToLower(strings.TrimLeft(name, "$-_."))
	for _, b := range browserNames {
		if strings.HasPrefix(name, b) {
			return true
		}
	}
	return false
}

// browserKey tells whether a Google key at a place in a line stands where
// browsers and apps are given theirs. A key for a server has the same form and
// spends money, so the place must say it.
func browserKey(file, line string, at int) bool {
	base := strings.ToLower(path.Base(file))
	if base == "google-services.json" || base == "googleservice-info.plist" || base == "androidmanifest.xml" ||
		base == "firebase_options.dart" || base == "firebase-config.js" || base == "firebase-config.json" || base == "firebase-messaging-sw.js" {
		return true
	}
	near := strings.ToLower(line[max(0, at-200):min(len(line), at+400)])
	for _, sign := range [...]string{"maps.googleapis.com/maps", "maps.google.com/maps", "google.com/maps/embed", "authdomain",
		"firebaseapp.com", "firebaseconfig", "firebase_api_key", "firebase_web", "messagingsenderid", "geo.api_key", "google_maps_javascript",
		"googlemapsapikey"} {
		if strings.Contains(near, sign) {
			return true
		}
	}
	return browserName(nameBefore(line, at))
}

// nameBefore is the name that a value at a place in a line is given to.
func nameBefore(line string, at int) string {
	end := len(strings.TrimRight(line[:at], " \t\"'`=:"))
	return line[nameStart(line, end, end):end]
}

// publicToken tells whether a JSON web token grants what anybody has: that of
// Supabase's anonymous role, and those of its instance on one's own machine.
func publicToken(t string) bool {
	parts := strings.Split(t, ".")
	if len(parts) < 2 || len(parts[1]) > 4<<10 {
		return false
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return false
	}
	var claims struct{ Iss, Role, Sub, Name string }
	if json.Unmarshal(data, &claims) != nil {
		return false
	}
	shown := claims.Sub == "1234567890" && claims.Name == "John Doe" // what jwt.io shows everybody
	return claims.Role == "anon" && claims.Iss != "" || claims.Iss == "supabase-demo" || shown
}
