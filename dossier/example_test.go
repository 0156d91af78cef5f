package dossier_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

// A copy of a birth certificate, from filing to the returned result.
func Example() {
	catalogue, err := dossier.LoadCatalogue(os.DirFS("../examples/onestop/procedures"))
	if err != nil {
		fmt.Println(err)
		return
	}
	now := vntime.Date(2026, 11, 20).Add(15*time.Hour + 20*time.Minute) // a Friday, after 15:00
	ok := func(context.Context, *dossier.Dossier, *dossier.Command) error { return nil }
	desk, err := dossier.NewDesk(journal.NewMemory(), catalogue, dossier.Config{
		Now:    func() time.Time { return now },
		Guards: map[string]dossier.Guard{"fee-paid": ok, "papers-signed": ok, "result-signed": ok},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	name, _ := identity.ParseName("Nguyễn Trọng Nghĩa")
	agency, _ := dossier.ParseAgencyID("H26.1.5")
	code, _ := dossier.ParseProcedureCode("2.000635")
	officer := dossier.Actor{ID: "a-officer", Role: dossier.Officer, Unit: agency}
	leader := dossier.Actor{ID: "a-leader", Role: dossier.Leader, Unit: agency}
	result := dossier.FileRef{Component: "ban-sao-trich-luc", Hash: hashA, Size: 42000, Media: "application/pdf"}

	var d *dossier.Dossier
	for i, c := range []dossier.Command{
		{Act: dossier.File, Actor: dossier.Actor{ID: "p-nghia", Role: dossier.Applicant}, Filing: &dossier.Filing{
			Procedure: code, Agency: agency, Channel: dossier.Online,
			Owner: dossier.Party{Pseudonym: "p-nghia", Name: name}, Form: dossier.NewPersonal(copyForm)}},
		{Act: dossier.Accept, Actor: officer},
		{Act: dossier.Assign, Actor: officer, Officer: "a-specialist"},
		{Act: dossier.Approve, Actor: leader},
		{Act: dossier.AttachResult, Actor: leader, Files: []dossier.FileRef{result}},
		{Act: dossier.Finish, Actor: leader},
		{Act: dossier.Return, Actor: officer},
	} {
		c.Key = fmt.Sprintf("form-token-%d", i)
		if d != nil {
			c.Dossier, c.Seen = d.ID, d.Version
		}
		if d, err = desk.Do(context.Background(), c); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(d.Code, d.State.Label("vi"), d.Owner.Name)
	for _, e := range d.History[:3] {
		fmt.Println(e.Act.Label("vi"), "–", e.Law)
	}
	fmt.Print(d.DueText("vi"))
	// Output:
	// H26.1.5-261120-0001 Đã trả kết quả ***
	// Nộp hồ sơ – Nghị định 118/2025/NĐ-CP
	// Tiếp nhận – Điều 17 khoản 3 Nghị định 118/2025/NĐ-CP (được sửa đổi bởi Nghị định 309/2026/NĐ-CP)
	// Chuyển xử lý – Điều 18 khoản 2 Nghị định 118/2025/NĐ-CP (được sửa đổi bởi Nghị định 309/2026/NĐ-CP)
	// Tiếp nhận: thứ Sáu, 20/11/2026 15:20
	// Thời hạn: 1 ngày làm việc
	// Hẹn trả: thứ Tư, 25/11/2026
	// 20/11/2026 thứ Sáu: không tính; Tiếp nhận sau giờ chốt hoặc vào ngày nghỉ, tính là ngày làm việc tiếp theo (Quy định tiếp nhận sau giờ chốt của thủ tục)
	// 21/11/2026 thứ Bảy: không tính; Nghỉ hằng tuần (thứ Bảy) (Bộ luật Lao động 2019, Điều 111)
	// 22/11/2026 Chủ nhật: không tính; Nghỉ hằng tuần (Chủ nhật) (Bộ luật Lao động 2019, Điều 111)
	// 23/11/2026 thứ Hai: không tính; Ngày được tính là ngày tiếp nhận, không tính vào thời hạn (Bộ luật Dân sự 2015, Điều 147)
	// 24/11/2026 thứ Ba: không tính; Ngày Văn hóa Việt Nam (24/11) (Nghị quyết 28/2026/QH16; Bộ luật Lao động 2019, Điều 112)
	// 25/11/2026 thứ Tư: tính là ngày thứ 1; Ngày làm việc
}
