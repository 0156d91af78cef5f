// Package privacy keeps personal data to their purpose and proves it: purposes as data, consent records, what a purpose
// may see of a subject, the register of data subjects' requests with its deadlines, and breach reports.
//
// The happy path is three calls:
//
//	purposes, err := privacy.ParsePurposes(data)           // or Standard(): purpose, ground, items, questions
//	minimal := purpose.Minimise(subject, now)                 // only what the purpose names; "age>=18" as yes or no
//	request, err := register.Receive(ctx, privacy.Ask{…})  // due dates set, answered late is seen
//
// What it refuses: a purpose without ground, an item nobody declared, consent by default or silence (an item counts only
// if the person ticked it), consent to a text that was not shown, a request answered twice, an extension after the other,
// an outcome without ground. Whatever a purpose does not name is dropped. Errors are *[Error]; people see Text.
//
// Records hold pseudonyms, names of items and times, never a value of an item, so they can be a journal's facts as they
// stand. The working calendar comes in as a function ([WorkingDays]), the storage as [Records].
//
// Law: Law 91/2025/QH15 on personal data protection (Art. 4 rights, 9 consent, 23 breach) and Decree 356/2025/NĐ-CP.
// Deadlines are dated rows; the rows whose text was not seen are provisional. Stable: the file formats, the JSON of
// records, the codes.
package privacy
