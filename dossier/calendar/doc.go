// Package calendar counts working time (ngày làm việc, giờ làm việc) and can say for every day why it counted or did
// not: weekly rest, holiday, day in lieu, exchanged day, make-up working Saturday.
//
// The happy path is three calls:
//
//	cal, err := calendar.Official()
//	e, err := cal.AddWorkingDays(acceptedAt, 5)
//	fmt.Println(e.Due, e.Text("vi"))
//
// Days off are data, one row a day with its legal ground and source, never a formula: the Prime Minister decides the Tết
// and National Day days every year. So a year without a published list is refused with *[UnknownYearError], and an
// operator who holds a newer list adds it at run time with [Calendar.Override].
//
// It refuses: a period that touches a year it has no list for, a negative or absurdly long period, a data file with an
// unknown field, a row outside its years, or the same day twice.
//
// Law: Civil Code 2015, Art 147 (the day of the event is not counted) and Art 148 (a period ends at 24:00 of its last
// day; a last day that is off moves to the next working day); Labour Code 2019, Art 111 and 112 (weekly rest, holidays,
// days in lieu); Resolution 28/2026/QH16 (24 November). Rows and rules that rest on inference carry the mark
// provisional, and so does every [Explanation] that used one: that a make-up Saturday counts, the office hours, and how
// a cut-off treats a day off.
//
// Stable: [Calendar], [Day], [Explanation], their JSON and the format "motcua-calendar/1" of the data files.
package calendar
