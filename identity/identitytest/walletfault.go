package identitytest

import "slices"

// WalletFault is one way for a [Wallet] to misbehave.
type WalletFault string

// The faults. Each must make a verifier refuse, save those marked harmless.
const (
	WalletOtherNonce        WalletFault = "other-nonce"        // proof for another request's nonce
	WalletOtherAudience     WalletFault = "other-audience"     // proof for another verifier
	WalletOtherKey          WalletFault = "other-key"          // proof by a key the credential is not bound to
	WalletOldProof          WalletFault = "old-proof"          // proof of an hour ago
	WalletNoProof           WalletFault = "no-proof"           // no proof at all
	WalletProofType         WalletFault = "proof-type"         // proof typed JWT
	WalletProofNone         WalletFault = "proof-none"         // proof with alg none
	WalletDrop              WalletFault = "drop"               // a disclosure dropped after the proof
	WalletAdd               WalletFault = "add"                // a disclosure added after the proof
	WalletDouble            WalletFault = "double"             // a disclosure twice, proof and all
	WalletForge             WalletFault = "forge"              // a disclosure of its own, proof and all
	WalletWithhold          WalletFault = "withhold"           // one claim less than asked for
	WalletOvershare         WalletFault = "overshare"          // everything; harmless, the verifier drops it
	WalletOtherType         WalletFault = "other-type"         // another credential than asked for
	WalletHuge              WalletFault = "huge"               // a megabyte of disclosures
	WalletPlain             WalletFault = "plain"              // unencrypted although encryption is demanded
	WalletOtherState        WalletFault = "other-state"        // state of another transaction inside
	WalletNoState           WalletFault = "no-state"           // no state inside
	WalletOtherQuery        WalletFault = "other-query"        // under a name nobody asked for
	WalletTwice             WalletFault = "twice"              // two presentations for one query
	WalletBareText          WalletFault = "bare-text"          // a text in place of the list
	WalletInsideList        WalletFault = "inside-list"        // a list encrypted in place of the parameters
	WalletInsideTwice       WalletFault = "inside-twice"       // the state named twice inside
	WalletInsideNumber      WalletFault = "inside-number"      // a number for a state
	WalletDeniesInside      WalletFault = "denies-inside"      // the person declines, encrypted
	WalletZip               WalletFault = "zip"                // compression asked for
	WalletKeyWrap           WalletFault = "key-wrap"           // another key agreement than the key's
	WalletTag               WalletFault = "tag"                // one bit of the authentication tag changed
	WalletDenies            WalletFault = "denies"             // the person declines
	WalletDeniesWithTrash   WalletFault = "denies-with-trash"  // an error code nobody knows, with a text
	WalletParameterTwice    WalletFault = "parameter-twice"    // response twice in the form
	WalletJSONBody          WalletFault = "json-body"          // JSON in place of a form
	WalletIgnoresTheRequest WalletFault = "ignores-request"    // does not check what it fetched; for spoilt requests
	WalletProofByTrash      WalletFault = "proof-trash"        // letters in place of a proof
	WalletReplays           WalletFault = "replays"            // its first answer again, to every request
	WalletPBES              WalletFault = "encrypted-password" // a key derived from a password, a billion rounds
)

// The faults of a wallet that receives a credential, about its proof of possession. Each must make an issuer refuse.
const (
	WalletKeyOtherAudience WalletFault = "key-other-audience" // proof for another issuer
	WalletKeyOldNonce      WalletFault = "key-old-nonce"      // a nonce of its own
	WalletKeyNoNonce       WalletFault = "key-no-nonce"       // none at all
	WalletKeyType          WalletFault = "key-type"           // typed JWT
	WalletKeyNone          WalletFault = "key-none"           // alg none
	WalletKeyStolen        WalletFault = "key-stolen"         // the public key of somebody else
	WalletKeyPrivate       WalletFault = "key-private"        // the private key in the header
	WalletKeyByName        WalletFault = "key-by-name"        // kid in place of the key
	WalletKeyMissing       WalletFault = "key-missing"        // neither key nor name
	WalletKeyTwice         WalletFault = "key-twice"          // two proofs
	WalletKeyOld           WalletFault = "key-old"            // proof of an hour ago
	WalletKeyIssuer        WalletFault = "key-issuer"         // an iss where there is no client
	WalletKeyOtherThing    WalletFault = "key-other-thing"    // asks for another configuration than offered
)

// Misbehave replaces the set of faults; without arguments the wallet behaves again.
func (w *Wallet) Misbehave(faults ...WalletFault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = slices.Clone(faults)
}

func (w *Wallet) is(fault WalletFault) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.faults, fault)
}
