using System.Globalization;
using Microsoft.AspNetCore.Components.Forms;
using OpenCrm.Portal.Accounts;
using OpenCrm.Portal.Controls;
using OpenCrm.Portal.Sessions;

namespace OpenCrm.Portal.Configuration;

/// <summary>The field of the logo. A file is looked at as soon as it is chosen, and stored when the block is saved.</summary>
public sealed partial class LogoField(AdditionalSettings settings, ILogger<LogoField> log) : IDisposable
{
    private readonly CancellationTokenSource left = new();
    private string? problem;
    private bool reading;
    private int attempt;

    private static string Hint => Phrase.Of(Texts.Configuration_LogoHint, Kilobytes);

    private static int Kilobytes => LogoFile.MostBytes / 1024;

    /// <summary>The plate that pages put behind such a logo in this theme.</summary>
    private string? OnLight => Ground == LogoGround.Dark ? "logo__picture--on-dark" : null;

    private string? OnDark => Ground == LogoGround.Light ? "logo__picture--on-light" : null;

    private LogoGround Ground =>
        Draft.Chosen is { } logo ? logo.Ground
        : Shown is null || Shown.Address != Draft.LogoAddress ? LogoGround.Any
        : Shown.Ground switch { "light" => LogoGround.Light, "dark" => LogoGround.Dark, _ => LogoGround.Any };

    private string DescribedBy => Error is null ? "logo-file-hint" : "logo-file-hint logo-file-error";

    private string? Error => problem ?? Draft.LogoRefused switch
    {
        null => null,
        LogoFileOutcome.TooLarge => Phrase.Of(Texts.Configuration_LogoTooLarge, Kilobytes),
        LogoFileOutcome.TooManyPixels => Phrase.Of(
            Texts.Configuration_LogoTooManyPixels, (LogoFile.MostPixels / 1_000_000).ToString("N0", CultureInfo.CurrentCulture)),
        LogoFileOutcome.TooSmall => Texts.Configuration_LogoTooSmall,
        LogoFileOutcome.NeitherPngNorJpeg => Texts.Configuration_LogoWrongKind,
        _ => Texts.Configuration_LogoBroken,
    };

    public void Dispose()
    {
        left.Cancel();
        left.Dispose();
    }

    private async Task ReadFileAsync(InputFileChangeEventArgs chosen)
    {
        if (reading || chosen.FileCount != 1) return;
        reading = true;
        problem = await PageAction.RunAsync(
            async () => Draft.Choose(await TryReadAsync(chosen.File)), broken => LogNotRead(log, broken), Texts.Configuration_LogoNotRead);
        reading = false;
        // A new field: the browser does not report the same file twice.
        attempt++;
        await OnEdited.InvokeAsync();
    }

    private async Task<LogoFileOutcome> TryReadAsync(IBrowserFile file)
    {
        if (file.Size > LogoFile.MostBytes) return new LogoFileOutcome.TooLarge();
        await using var upload = file.OpenReadStream(LogoFile.MostBytes, left.Token);
        using var whole = new MemoryStream();
        await upload.CopyToAsync(whole, left.Token);
        return await settings.ReadLogoAsync(whole.ToArray(), left.Token);
    }

    private Task RemoveAsync()
    {
        problem = null;
        Draft.RemoveLogo();
        return OnEdited.InvokeAsync();
    }

    [LoggerMessage(LogLevel.Error, "The file of a logo could not be read")]
    private static partial void LogNotRead(ILogger log, Exception broken);
}
