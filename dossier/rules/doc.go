// Package rules holds the law of the one-stop shop as dated data: which act may lead from which of the ten national
// states to which other, by whom and under which provision, and the limits that go with it.
//
// The happy path is three calls:
//
//	book, err := rules.Official()            // or rules.Load(yourFiles)
//	set, err := book.At(day)                 // the rule set in force on a day
//	for _, row := range set.From(1, "accept") { … row.To, row.By, row.Law … }
//
// One file in law/ is one instrument. A row may begin or end inside its instrument's life, so that an amending decree
// replaces rows without touching those it leaves alone. A rule set is what is in force between two days on which
// something changes; its [Set.ID] is the first of these days, and a dossier pins it on acceptance. A decree that only
// amends and has not been read in full still opens a new set, which then says so in [Set.Unread].
//
// What it refuses: a day before the first instrument ([UnknownDateError]), a row without provision that is not flagged
// provisional, two rows in force that say the same thing differently, an unknown member in a file.
//
// Provisional rows are assumptions: the full text of Articles 15 to 21 of Decree 118/2025/NĐ-CP was not available, so
// figures of 2018 are taken as carried over. Each such row names its basis, and the flag reaches every explanation.
//
// Stable: the types, the file format, the ids of sets whose instruments are known. Law: Decree 61/2018/NĐ-CP, Decree
// 118/2025/NĐ-CP as amended by Decree 309/2026/NĐ-CP, Decision 766/QĐ-TTg (index 2.1).
package rules
