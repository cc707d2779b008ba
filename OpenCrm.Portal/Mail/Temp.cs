using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Audit;
using OpenCrm.Portal.Data;
namespace OpenCrm.Portal.Mail;
public record MailRecipient(string Address, string Name) { public static MailRecipient Of(PortalUser u) => new(u.Email!, u.Name); }
public abstract record MailDraft {
 public sealed record AccountLocked(MailRecipient To, int Attempts, DateTimeOffset? Until) : MailDraft;
 public sealed record MfaRemoved(MailRecipient To, MfaDisabledBy Way, string? Actor, DateTimeOffset At, string? Address) : MailDraft;
 public sealed record MfaDisabled(MailRecipient To, string Name, string Username, MfaDisabledBy Way, string? Actor, DateTimeOffset At, string? Address) : MailDraft;
}
public static class Outbox { public static void Queue(this UnitOfWork work, MailDraft m) {} public static Task QueueToAdministratorsAsync(this UnitOfWork work, Func<MailRecipient, MailDraft> m, CancellationToken c) => Task.CompletedTask; }
