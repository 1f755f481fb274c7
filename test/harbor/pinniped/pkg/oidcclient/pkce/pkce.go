// Package pkce stands in for the one of Pinniped, whose module is not to be had here: what OIDC logins prove themselves with. Nothing tests those.
package pkce

import "golang.org/x/oauth2"

// Code is a secret that a login is begun and ended with.
type Code string

// Generate makes one.
func Generate() (Code, error) { return Code(oauth2.GenerateVerifier()), nil }

// Challenge is what a login is begun with.
func (c Code) Challenge() oauth2.AuthCodeOption { return oauth2.S256ChallengeOption(string(c)) }

// Method is how the challenge was made.
func (c Code) Method() oauth2.AuthCodeOption {
	return oauth2.SetAuthURLParam("code_challenge_method", "S256")
}

// Verifier is what a login is ended with.
func (c Code) Verifier() oauth2.AuthCodeOption { return oauth2.VerifierOption(string(c)) }
