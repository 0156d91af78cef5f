// Package access decides who may do what, for which unit, at which time, and says why: allow or deny, with a reason.
//
// The happy path is three calls:
//
//	policy, err := access.Standard()               // or ParsePolicy of your own file: groups, roles and actions as data
//	staff, err := policy.ParseStaff(data)          // units, positions, delegations of one agency, all dated
//	decision := staff.Decide(access.Question{Subject: s, Action: accept, Unit: "one-stop", At: now})
//
// Five groups use a provincial application: citizens, businesses, officers, leaders, administrators (người dân, doanh
// nghiệp, cán bộ, lãnh đạo, quản trị). Citizens and businesses reach what is their own, or what they represent somebody
// for; the other three reach what their position's role gives in its unit, or what a delegation lends them for a time. An
// [Action] is made only by [Policy.Action], so that no caller compares names of roles and a misspelt action fails at the
// start of the program.
//
// What it refuses: a policy or staff file with an unknown field, a role, action or unit that is not declared, units in a
// circle, a delegation without end or document, one that lends more than its giver holds, and one that lends on what was
// lent. What no rule allows is denied. Nobody acts as an officer on their own case.
//
// It holds pseudonyms only. Law: Decree 118/2025/NĐ-CP (one-stop units and their staff). Which role may do what is the
// agency's own rule, so the built-in policy is provisional. Stable: the file formats "motcua-access/1" and
// "motcua-staff/1", the codes of reasons.
package access
