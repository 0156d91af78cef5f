// Package seal keeps the private halves of facts unreadable to whoever has the store but not the keys, and erases them
// by destroying a key. It is a journal around a journal: every driver can stand below, and whoever uses the port need
// not know.
//
// The happy path is three calls:
//
//	store, err := seal.OpenDir("keys/subjects", keyring, seal.DirConfig{})
//	j, err := seal.New(driver, store, seal.Config{})
//	err = j.Erase(ctx, subject, seal.Order{Actor: "officer-7", Ground: "…"})
//
// # How a half is sealed
//
// Each subject has a data key. A private half is encrypted under the key of the fact's subject with AES-256-GCM, and
// bound to everything public in the fact and to its place: stream, sequence number, part, kind, actor, time, body,
// subject, command. Check-and-set makes that possible, because the place is certain before the append: a fact that is
// written at all is written right behind after. A half that was moved to another stream, place, subject or fact does
// not open, and is reported as *journal.BrokenError.
//
// The journal's hashes cover the sealed bytes ([journal.Record].Sealed), so chain, checkpoints and proofs hold whether
// or not the half can still be opened, and whoever verifies needs no key. A repeated command is recognised by the digest
// of its request, which sealing does not touch. That digest covers what was asked for, personal data included, and
// stays: key it, as dossier.Config.Secret does, if its input can be guessed.
//
// # Keys
//
// Data keys are kept by a [KeyStore], wrapped by a [Wrapper], which is where an HSM (PKCS#11) or a key management
// service comes in: two methods; journal/seal/sealtest holds an adapter to them. [Dir] and [Keyring] are both on the file system, each written with fsync and whole or
// not at all, for development and for one machine. To rotate the wrapping key: [Keyring.Rotate], [Dir.Rewrap],
// [Keyring.Retire]. No fact is touched.
//
// # Erasure
//
// [Journal.Erase] writes down who ordered it and on what ground, destroys every data key of the subject, and writes
// down that it is done; what a crash cut short is listed by [Journal.Pending]. From then on the facts are read with
// Private nil, and [journal.Record.IsErased] says why. A fact that is filed about the subject later gets a new key.
// Whoever erases must know what is left: Body, keys and pseudonyms stay, and a backup of the key store restores the
// keys in it until the wrapping key it was made under is retired. A file system may keep blocks that were overwritten.
//
// # What it refuses
//
// A private half over [MaxPrivate]; one that is in the store unsealed, behind Config.ClearUntil; a key that is nowhere
// and was never destroyed ([ErrNoKey]): a key store that was not mounted does not look like an erasure.
//
// Stable: the interfaces, the envelope (its first byte is its version), the files of Dir and Keyring. Law: erasure is a
// right of the person (xóa dữ liệu cá nhân, Law 91/2025/QH15 art. 4) with a deadline (Decree 356/2025/NĐ-CP). How long
// a record must be kept before is not confirmed for any register; the caller decides when to erase.
package seal
