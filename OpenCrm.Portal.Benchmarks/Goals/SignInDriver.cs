using Microsoft.Playwright;
using OpenCrm.Portal.Benchmarks.Servers;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks.Goals;

/// <summary>Signs people in, each in a new browser: a real one, or the circuit client.</summary>
internal abstract class SignInDriver : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>The driver that <c>--driver</c> names: <c>browser</c> unless said otherwise, <c>circuit</c>.</summary>
    public static async Task<SignInDriver> OfAsync(VerbOptions options) =>
        options.Text("driver") == "circuit" || (options.Tiny && FoundTools.Chromium is null) ? new ByCircuit() : await ByBrowser.StartAsync();

    public abstract Task SignInAsync(MeasuredServer server, Person person);

    public abstract ValueTask DisposeAsync();

    private sealed class ByCircuit : SignInDriver
    {
        public override string Name => "the circuit client";

        public override async Task SignInAsync(MeasuredServer server, Person person) => await (await server.SignInAsync(person)).DisposeAsync();

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ByBrowser(RealBrowser browser) : SignInDriver
    {
        public override string Name => "Chromium";

        public static async Task<ByBrowser> StartAsync() => new(await RealBrowser.StartAsync());

        public override async Task SignInAsync(MeasuredServer server, Person person)
        {
            await using var context = await browser.NewContextAsync();
            var page = await context.NewPageAsync();
            // Home of the template has drawn its circuit when the socket has brought a batch.
            var drawn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            page.WebSocket += (_, socket) =>
            {
                var frames = 0;
                socket.FrameReceived += (_, _) =>
                {
                    if (++frames >= 4) drawn.TrySetResult();
                };
            };
            await page.GotoAsync(new Uri(server.Address, server.SignInPath).ToString());
            if (server is PortalServer) await RealBrowser.SignInToPortalAsync(page, person);
            else await InTemplateAsync(page, person, drawn.Task);
        }

        public override ValueTask DisposeAsync() => browser.DisposeAsync();

        private static async Task InTemplateAsync(IPage page, Person person, Task drawn)
        {
            await page.GetByLabel("Email").FillAsync(person.Name);
            await page.GetByLabel("Password", new() { Exact = true }).FillAsync(person.Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Log in", Exact = true }).ClickAsync();
            if (person.Key is not null)
            {
                await page.GetByLabel("Authenticator code").FillAsync(await person.CodeAsync());
                await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
            }
            await page.GetByRole(AriaRole.Heading, new() { Name = "Hello, world!" }).WaitForAsync();
            await drawn.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
