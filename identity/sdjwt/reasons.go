package sdjwt

// stepTexts say what a step that passed has shown.
var stepTexts = [...]message{
	{"form", "Chứng thư trình ra đúng định dạng.", "The presentation is well formed."},
	{"header", "Loại chứng thư và thuật toán được chấp nhận.", "Media type and algorithm are accepted."},
	{"issuer", "Cơ quan cấp nằm trong danh sách tin cậy.", "The issuer is trusted."},
	{"signature", "Chữ ký của cơ quan cấp đúng.", "The issuer's signature holds."},
	{"disclosures", "Mọi thông tin trình ra đều do cơ quan cấp xác nhận.", "Everything disclosed is vouched for by the issuer."},
	{"type", "Đúng loại chứng thư được yêu cầu.", "It is a type of credential that was asked for."},
	{"times", "Chứng thư còn thời hạn.", "The credential is within its validity."},
	{"holder", "Chứng thư gắn với khóa của người giữ.", "The credential is bound to a holder's key."},
	{"binding", "Người trình là người giữ chứng thư, đúng lần yêu cầu này.",
		"Whoever shows it holds it, and shows it for this very request."},
	{"status", "Chứng thư chưa bị thu hồi hay tạm dừng.", "The credential is neither revoked nor suspended."},
}

const (
	viForm   = "Chứng thư trình ra không đúng định dạng nên đã bị từ chối. Vui lòng thử lại từ ví."
	enForm   = "The presentation is malformed and was refused. Please try again from your wallet."
	viForged = "Không xác minh được chứng thư nên hệ thống đã từ chối để bảo vệ bạn."
	enForged = "The credential could not be verified and was refused to protect you."
	viProof  = "Không xác minh được rằng bạn là người giữ chứng thư trong lần yêu cầu này. Vui lòng bắt đầu lại."
	enProof  = "It could not be verified that you hold the credential in this very request. Please start again."
	viLater  = "Chưa kiểm tra được trạng thái của chứng thư. Vui lòng thử lại sau."
	enLater  = "The status of the credential cannot be checked at present. Please try again later."
	viIssuer = "Chứng thư không do cơ quan được chấp nhận cấp."
	enIssuer = "The credential is not from an issuer that is accepted."
	viType   = "Đây không phải loại chứng thư được yêu cầu."
	enType   = "This is not the kind of credential that was asked for."
	viTimes  = "Chứng thư chưa có hiệu lực hoặc đã hết thời hạn."
	enTimes  = "The credential is not yet or no longer valid."
)

// reasons are why a step did not pass, by rule.
var reasons = [...]message{
	{"form", viForm, enForm},
	{"size", "Chứng thư trình ra quá lớn.", "The presentation is too large."},
	{"disclosures-count", "Chứng thư trình ra có quá nhiều thông tin.", "The presentation has too many disclosures."},
	{"expectation", "Hệ thống chưa nêu người nhận và mã một lần nên không thể kiểm tra.",
		"Audience and nonce were not stated, so nothing can be checked."},
	{"encrypted", viForm, enForm},
	{"base64", viForm, enForm},
	{"header", viForm, enForm},
	{"header-member", viForged, enForged},
	{"typ", "Loại tài liệu trình ra không phải là chứng thư được chấp nhận.", "What was presented is not an accepted kind of credential."},
	{"alg", "Thuật toán ký của chứng thư không được chấp nhận.", "The credential's signature algorithm is not accepted."},
	{"kid", viForm, enForm},
	{"payload", viForm, enForm},
	{"issuer-unknown", viIssuer, enIssuer},
	{"issuer-time", "Cơ quan cấp chưa hoặc không còn được chấp nhận.", "The issuer is not yet or no longer accepted."},
	{"issuer-keys", viLater, enLater},
	{"key-unknown", viForged, enForged},
	{"certificate", "Không xác minh được chứng thư số của cơ quan cấp.", "The issuer's certificate could not be verified."},
	{"certificate-form", viForm, enForm},
	{"certificate-name", "Chứng thư số không phải của cơ quan cấp nêu trong chứng thư.",
		"The certificate is not that of the issuer named."},
	{"signature", viForged, enForged},
	{"hash", "Thuật toán băm của chứng thư không được chấp nhận.", "The credential's digest algorithm is not accepted."},
	{"disclosure-form", viForm, enForm},
	{"disclosure-twice", viForged, enForged},
	{"disclosure-kind", viForged, enForged},
	{"disclosure-unreferenced", "Thông tin trình ra không do cơ quan cấp xác nhận.",
		"Something was disclosed that the issuer did not vouch for."},
	{"digests-form", viForm, enForm},
	{"digest-twice", viForged, enForged},
	{"claim-reserved", viForged, enForged},
	{"claim-registered", viForged, enForged},
	{"claim-twice", viForged, enForged},
	{"nesting", viForm, enForm},
	{"type-missing", viType, enType},
	{"type-unknown", viType, enType},
	{"type-other", viType, enType},
	{"iat", viTimes, enTimes},
	{"nbf", viTimes, enTimes},
	{"exp", "Chứng thư đã hết thời hạn.", "The credential has expired."},
	{"exp-missing", "Chứng thư không ghi thời hạn nên không được chấp nhận.", "The credential names no end and is not accepted."},
	{"aud", "Chứng thư được cấp cho nơi nhận khác.", "The credential is for another audience."},
	{"proof-missing", viProof, enProof},
	{"holder-proof", viForm, enForm},
	{"cnf-missing", "Chứng thư không gắn với khóa của người giữ.", "The credential is bound to no holder."},
	{"cnf", "Khóa của người giữ ghi trong chứng thư không được hỗ trợ.", "The holder's key in the credential is not supported."},
	{"proof-size", viProof, enProof},
	{"proof-form", viProof, enProof},
	{"proof-encrypted", viProof, enProof},
	{"proof-base64", viProof, enProof},
	{"proof-header", viProof, enProof},
	{"proof-header-member", viProof, enProof},
	{"proof-kid", viProof, enProof},
	{"proof-typ", viProof, enProof},
	{"proof-alg", viProof, enProof},
	{"proof-signature", viProof, enProof},
	{"proof-payload", viProof, enProof},
	{"proof-iat", "Lần trình chứng thư đã quá lâu hoặc đồng hồ của ví sai. Vui lòng trình lại.",
		"The presentation is too old, or the wallet's clock is wrong. Please present again."},
	{"proof-exp", viProof, enProof},
	{"proof-nbf", viProof, enProof},
	{"proof-aud", "Chứng thư được trình cho nơi nhận khác.", "The credential was presented to somebody else."},
	{"proof-nonce", "Chứng thư được trình cho một yêu cầu khác. Vui lòng bắt đầu lại.",
		"The credential was presented for another request. Please start again."},
	{"proof-sd-hash", "Thông tin trình ra đã bị thêm, bớt sau khi người giữ xác nhận.",
		"Disclosures were added or dropped after the holder confirmed them."},
	{"status-missing", "Chứng thư không có thông tin trạng thái.", "The credential names no status."},
	{"status-form", viForm, enForm},
	{"status-unchecked", viLater, enLater},
	{"status-unreachable", viLater, enLater},
	{"status-old", "Danh sách trạng thái đã cũ. Vui lòng thử lại sau.", "The status list is too old. Please try again later."},
	{"status-list-form", viLater, enLater},
	{"status-list-signature", viLater, enLater},
	{"status-list-other", viLater, enLater},
	{"status-index", "Chứng thư không có trong danh sách trạng thái.", "The credential is not in the status list."},
	{"status-value", viLater, enLater},
	{"revoked", "Chứng thư đã bị thu hồi.", "The credential has been revoked."},
	{"suspended", "Chứng thư đang bị tạm dừng hiệu lực.", "The credential is suspended."},
	{"no-holder", "Không yêu cầu chứng minh người giữ.", "No proof of the holder was asked for."},
	{"issued-only", "Chỉ kiểm tra chứng thư vừa cấp.", "Only what was issued is checked."},
	{"no-status", "Chứng thư không có thông tin trạng thái.", "The credential names no status."},
}
