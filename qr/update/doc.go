// Package update keeps the lists of a verifier fresh: the trust list, the status lists that it names, and the code list.
// It is the only part of qr that knows a network, and a verifier works without it from what it left on the disk.
//
//	u, err := update.New(dir, "https://qr.example.vn/trust", roots, update.Config{})
//	lists, err := u.Load()                       // from the disk, offline
//	lists, err = u.Refresh(ctx)                  // once, over the network
//	err = u.Run(ctx, func(l *update.Lists, err error) { … })  // again and again until ctx ends
//	verifier, err := lists.Verifier(qr.VerifyConfig{})
//
// A list that was fetched is held to its signature before it touches the disk, and written whole or not at all
// (temporary file, fsync, rename). It never replaces a newer one: the trust list and the code list by their
// version, a status list by the time it was made. What did not change is not sent again (ETag). Waiting times are spread by a fifth either way, so
// that a thousand counters do not ask in one second; after a failure they grow from a minute to the usual.
//
// What it refuses: any scheme but https, redirects, a body over 4 MiB, a list of another agency or number than was
// asked for. When a source cannot be reached the list at hand stays, and grows stale where the verdict shows it. The
// requests name no code and no person: whoever serves the lists learns only that somebody verifies.
//
// Stable: the calls above and the names of the files.
package update
