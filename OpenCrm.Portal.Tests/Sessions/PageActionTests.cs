using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Tests.Sessions;

/// <summary>What a page says when an action fails, and which failures it leaves to the layout.</summary>
public sealed class PageActionTests
{
    private readonly List<Exception> _logged = [];

    [Fact]
    public async Task What_was_done_tells_nothing()
    {
        Assert.Null(await RunAsync(null));
        Assert.Empty(_logged);
    }

    [Fact]
    public async Task What_idleness_stopped_is_told_and_is_no_failure()
    {
        Assert.Contains("sign in first", await RunAsync(new SessionIdleException(), refused: "Refused"), StringComparison.Ordinal);
        Assert.Empty(_logged);
    }

    [Fact]
    public async Task A_refusal_is_told_where_the_page_has_words_for_it_and_left_to_the_frame_elsewhere()
    {
        Assert.Equal("Refused", await RunAsync(new AccessRefusedException("No administrator."), refused: "Refused"));
        await Assert.ThrowsAsync<AccessRefusedException>(() => RunAsync(new AccessRefusedException("No administrator.")));
        Assert.Empty(_logged);
    }

    [Fact]
    public async Task Whatever_breaks_is_told_in_the_page_s_words_and_logged()
    {
        var broken = new InvalidOperationException("The database is away.");

        Assert.Equal("Failed", await RunAsync(broken));
        Assert.Equal([broken], _logged);
    }

    private Task<string?> RunAsync(Exception? thrown, string? refused = null) =>
        PageAction.RunAsync(() => thrown is null ? Task.CompletedTask : Task.FromException(thrown), _logged.Add, "Failed", refused);
}
