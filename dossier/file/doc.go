// Package file keeps what citizens upload, by the hash of its content: the same bytes are stored once, and a dossier
// names a file by a [Ref] that proves itself.
//
// The happy path is three calls:
//
//	store, err := file.OpenStore(dir, file.Config{})
//	ref, err := store.Put(ctx, upload, file.Spec{MaxSize: 10 << 20, Types: []file.Type{file.PDF}})
//	r, err := store.Open(ctx, ref.Hash) // reads, and fails at the end if one byte has changed
//
// A file that Put has acknowledged survives kill -9 and power loss: content, then name, then directory are synced. What a
// crash leaves behind are temporary files, which [Store.Sweep] removes. Memory does not grow with the file.
//
// It refuses, with *[RejectedError] and a text for the citizen: no bytes; more bytes than the limit; a type that is not
// allowed, judged by content and never by name or header; a PDF, JPEG or PNG that only begins like one; an image with
// more pixels than a page needs. Nothing is stored then.
//
// It does not look for malware, and does not remove: one content may belong to several dossiers.
//
// Law: components handed in electronically, Decree 118/2025/NĐ-CP and Decree 45/2020/NĐ-CP as amended.
//
// Stable: [Hash], [Ref], [Spec], [RejectedError] and the layout of the directory.
package file
