using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Credentials;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Gives one answer to the verifier directly and commits nothing but the attempt itself. Null means that the answer is right.</summary>
internal static class Answer
{
    public static async Task<Refusal?> PasswordAsync(Attempts attempts, Guid userId, string password, Caller by)
    {
        await using var attempt = await attempts.ReserveAsync(Target.User(userId), AskedAt.StepUp, by);
        return await attempt.CheckPasswordAsync(password) ?? await CommitAsync(attempt);
    }

    public static async Task<Refusal?> CodeAsync(Attempts attempts, Guid userId, Guid enrolmentId, string code, AskedAt at = AskedAt.StepUp)
    {
        await using var attempt = await attempts.ReserveAsync(Target.Enrolled(userId, enrolmentId), at, new Caller.Nobody());
        return await attempt.CheckCodeAsync(code) ?? await CommitAsync(attempt);
    }

    private static async Task<Refusal?> CommitAsync(Attempt attempt)
    {
        if (await attempt.SettleAsync() is { } refusal) return refusal;
        await attempt.Work.CommitAsync();
        return null;
    }
}
