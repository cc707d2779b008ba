using OpenCrm.Portal.Shell;

namespace OpenCrm.Portal.Tests.Shell;

/// <summary>The one line by which an operator learns why the portal does not start.</summary>
public sealed class StartFailureTests
{
    [Fact]
    public void A_link_in_a_librarys_message_does_not_make_it_a_matter_of_certificates()
    {
        var told = StartFailure.Describe(
            new InvalidOperationException("The model has pending changes. See https://aka.ms/efcore-docs-pending-changes"));

        Assert.DoesNotContain("certificate", told, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("pending changes", told, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_needs_a_certificate_names_its_settings() =>
        Assert.Contains(
            "Kestrel:Certificates:Default:Path",
            StartFailure.Describe(new InvalidOperationException("Unable to configure HTTPS endpoint. No server certificate was specified.")),
            StringComparison.Ordinal);
}
