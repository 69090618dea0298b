Option Explicit

Private WithEvents Host As Application

Private Sub Workbook_Open()
    Set Host = Application
    Application.OnTime Now, "'" & Me.Name & "'!CpaDescribe"
End Sub

Private Sub Host_WorkbookOpen(ByVal Wb As Workbook)
    CpaMend Wb
End Sub
