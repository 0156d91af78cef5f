package qr

import "encoding/json"

// Reason is a ground of a verdict, or something a valid code still does not say.
type Reason uint8

const (
	reasonNone Reason = iota
	reasonUnsigned
	reasonPrefix
	reasonVersion
	reasonLength
	reasonBase45
	reasonCBOR
	reasonCrit
	reasonUnprotected
	reasonHeader
	reasonAlgorithm
	reasonSignatureForm
	reasonKeyUnknown
	reasonSignature
	reasonClaims
	reasonKind
	reasonListNotYet
	reasonListExpired
	reasonScopeIssuer
	reasonScopeKind
	reasonScopeProcedure
	reasonKeyWindow
	reasonKeyWithdrawn
	reasonIssuedLater
	reasonNotYet
	reasonExpired
	reasonNoStatus
	reasonStatusUnchecked
	reasonStatusOld
	reasonStatusIndex
	reasonStatusValue
	reasonRevoked
	reasonSuspended
	reasonDisclosure
	reasonHolder
	reasonHolderSignature
	reasonNonce
	reasonPresentedLater
	reasonPresentedEarlier
	reasonCodesOld
	reasonCodesUnknown
	reasonCount
)

// reasonTexts holds the stable key and the Vietnamese and English wording of each reason.
var reasonTexts = [reasonCount][3]string{
	reasonUnsigned: {"qr.unsigned",
		"Nội dung không phải mã có chữ ký số; chỉ là thông tin tự khai, cần đối chiếu giấy tờ gốc.",
		"This is not a signed code; it only claims what it says and must be compared with the original."},
	reasonPrefix: {"qr.prefix",
		"Mã phải bắt đầu bằng “VN1:” viết hoa.",
		"The code must begin with VN1: in capital letters."},
	reasonVersion: {"qr.version",
		"Mã thuộc phiên bản mà phần mềm này chưa biết; vui lòng cập nhật phần mềm.",
		"The code is of a version this software does not know; please update it."},
	reasonLength: {"qr.length",
		"Nội dung dài hơn một mã QR có thể chứa.",
		"The text is longer than a QR code can hold."},
	reasonBase45: {"qr.base45",
		"Có ký tự bị đọc sai hoặc thiếu; vui lòng quét lại.",
		"Some characters are wrong or missing; please scan again."},
	reasonCBOR: {"qr.cbor",
		"Dữ liệu bên trong mã không đúng cách mã hóa duy nhất được quy định.",
		"The data inside the code is not in its one permitted encoding."},
	reasonCrit: {"qr.crit",
		"Mã yêu cầu một điều kiện mà phần mềm này không hiểu.",
		"The code demands a condition this software does not know."},
	reasonUnprotected: {"qr.unprotected",
		"Mã mang thông tin thêm nằm ngoài chữ ký.",
		"The code carries information that the signature does not cover."},
	reasonHeader: {"qr.header",
		"Phần đầu của mã không đúng quy định.",
		"The header of the code is not as required."},
	reasonAlgorithm: {"qr.algorithm",
		"Thuật toán ký của mã không được chấp nhận.",
		"The signature algorithm of the code is not accepted."},
	reasonSignatureForm: {"qr.signature-form",
		"Chữ ký không ở dạng duy nhất được quy định.",
		"The signature is not in its one permitted form."},
	reasonKeyUnknown: {"qr.key-unknown",
		"Khóa ký không có trong danh sách tin cậy đã cài đặt.",
		"The signing key is not on the installed trust list."},
	reasonSignature: {"qr.signature",
		"Chữ ký số không khớp với nội dung.",
		"The signature does not match the contents."},
	reasonClaims: {"qr.claims",
		"Nội dung đã ký thiếu, thừa hoặc sai mục bắt buộc.",
		"The signed contents lack an item, have one too many, or one out of bounds."},
	reasonKind: {"qr.kind",
		"Loại mã này chưa được hỗ trợ.",
		"Codes of this kind are not supported."},
	reasonListNotYet: {"qr.trustlist-not-yet-valid",
		"Danh sách tin cậy chưa có hiệu lực tại thời điểm kiểm tra; vui lòng kiểm tra đồng hồ.",
		"The trust list is not yet in force at the time of the check; please check the clock."},
	reasonListExpired: {"qr.trustlist-expired",
		"Danh sách tin cậy đã hết hạn; vui lòng cập nhật.",
		"The trust list has expired; please update it."},
	reasonScopeIssuer: {"qr.scope-issuer",
		"Khóa ký thuộc về cơ quan khác với cơ quan ghi trong mã.",
		"The key belongs to another agency than the code names."},
	reasonScopeKind: {"qr.scope-kind",
		"Khóa ký không được dùng cho loại mã này.",
		"The key may not sign codes of this kind."},
	reasonScopeProcedure: {"qr.scope-procedure",
		"Khóa ký không được dùng cho thủ tục hành chính này.",
		"The key may not sign for this procedure."},
	reasonKeyWindow: {"qr.key-window",
		"Mã được ký ngoài thời gian sử dụng của khóa.",
		"The code was signed outside the key's period of use."},
	reasonKeyWithdrawn: {"qr.key-withdrawn",
		"Khóa ký đã bị rút khỏi danh sách tin cậy.",
		"The signing key has been withdrawn."},
	reasonIssuedLater: {"qr.issued-later",
		"Thời điểm cấp mã ở tương lai; vui lòng kiểm tra đồng hồ.",
		"The code says it was issued in the future; please check the clock."},
	reasonNotYet: {"qr.not-yet-valid",
		"Mã chưa đến thời gian có hiệu lực.",
		"The code is not yet valid."},
	reasonExpired: {"qr.expired",
		"Mã đã hết thời gian có hiệu lực.",
		"The code has expired."},
	reasonNoStatus: {"qr.revocation-unchecked",
		"Mã không kèm chỉ số thu hồi nên chưa kiểm tra được việc thu hồi.",
		"The code has no revocation index, so revocation was not checked."},
	reasonStatusUnchecked: {"qr.status-unchecked",
		"Chưa có danh sách thu hồi để kiểm tra mã này.",
		"No revocation list was at hand to check this code."},
	reasonStatusOld: {"qr.status-old",
		"Danh sách thu hồi đã cũ; chưa biết mã có bị thu hồi gần đây hay không.",
		"The revocation list is too old to say whether the code was revoked lately."},
	reasonStatusIndex: {"qr.status-index",
		"Chỉ số thu hồi của mã nằm ngoài danh sách thu hồi.",
		"The revocation index of the code lies outside the revocation list."},
	reasonStatusValue: {"qr.status-value",
		"Danh sách thu hồi ghi một trạng thái mà phần mềm này không biết.",
		"The revocation list gives the code a status this software does not know."},
	reasonRevoked: {"qr.revoked",
		"Cơ quan cấp đã ghi mã này vào danh sách thu hồi.",
		"The issuer has put the code on its revocation list."},
	reasonSuspended: {"qr.suspended",
		"Cơ quan cấp đã ghi mã này vào danh sách tạm dừng hiệu lực.",
		"The issuer has put the code on hold."},
	reasonDisclosure: {"qr.disclosure",
		"Các mục được xuất trình không khớp với nội dung đã ký.",
		"The fields shown are not those that were signed."},
	reasonHolder: {"qr.holder-missing",
		"Mã gắn với thiết bị của người giữ; phải do thiết bị đó xuất trình trực tiếp, không dùng ảnh chụp.",
		"The code is bound to its holder's device, which has to present it; a copy does not count."},
	reasonHolderSignature: {"qr.holder-signature",
		"Thiết bị xuất trình không phải thiết bị mà mã được cấp cho.",
		"The device that presents the code is not the one it was issued to."},
	reasonNonce: {"qr.nonce",
		"Mã không được xuất trình cho lần kiểm tra này.",
		"The code was not presented for this check."},
	reasonPresentedLater: {"qr.presented-later",
		"Thời điểm xuất trình ở tương lai; vui lòng kiểm tra đồng hồ của hai thiết bị.",
		"The code was presented in the future; please check the clocks of both devices."},
	reasonPresentedEarlier: {"qr.presented-earlier",
		"Mã xuất trình đã quá một phút; vui lòng mở lại mã trên thiết bị.",
		"The code was presented more than a minute ago; please show it again."},
	reasonCodesOld: {"qr.codelist-old",
		"Danh mục mã số chưa có hoặc đã cũ nên chưa biết mã do ai cấp; vui lòng cập nhật.",
		"The code list is missing or too old to say who issued the code; please update it."},
	reasonCodesUnknown: {"qr.codelist-unknown",
		"Mã dùng một số không có trong danh mục.",
		"The code uses a number that the code list does not have."},
}

// Code returns the reason's stable key, such as "qr.expired".
func (r Reason) Code() string {
	if r >= reasonCount {
		return ""
	}
	return reasonTexts[r][0]
}

// String returns the stable key.
func (r Reason) String() string { return r.Code() }

// Text says the reason in Vietnamese, or with lang "en" in English.
func (r Reason) Text(lang string) string {
	if r >= reasonCount {
		return ""
	}
	return inLanguage([2]string(reasonTexts[r][1:]), lang)
}

// MarshalJSON writes the key and both wordings.
func (r Reason) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Code string `json:"code"`
		VI   string `json:"vi"`
		EN   string `json:"en"`
	}{r.Code(), r.Text("vi"), r.Text("en")})
}
